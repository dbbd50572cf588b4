import BeeQueue from 'bee-queue'
import type { Subject } from '../contender.js'
import { CONCURRENCY, RESULT, requestOf } from '../work.js'

const PREFIX = 'genqueue-bench-bee'

export async function openBeeQueue(
  url: string,
  queueName: string,
  removeKeys: (pattern: string) => Promise<void>,
): Promise<Subject> {
  const { hostname, port } = new URL(url)
  const settings = {
    prefix: PREFIX,
    redis: { host: hostname, port: Number(port || 6379) },
    // Nobody listens to a job in the process that added it.
    storeJobs: false,
    getEvents: false,
  }
  const queue = new BeeQueue(queueName, { ...settings, isWorker: false })
  await queue.ready()
  return {
    add: (n) => queue.createJob(requestOf(n)).save(),
    addMany: (jobs) => queue.saveAll(jobs.map((n) => queue.createJob(requestOf(n)))),
    async prepare({ started, done }) {
      const worker = new BeeQueue(queueName, settings)
      await worker.ready()
      worker.on('succeeded', done)
      return {
        begin: () =>
          worker.process(CONCURRENCY, async () => {
            started()
            return RESULT
          }),
        stop: () => worker.close(),
      }
    },
    async close() {
      await queue.close()
      await removeKeys(`${PREFIX}:${queueName}:*`)
    },
  }
}
