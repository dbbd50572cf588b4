import { createPostgresBackend, type Job, Queue, Worker, withBackend } from 'bullmq'
import type { Subject, Watch } from '../contender.js'
import { CONCURRENCY, RESULT, requestOf } from '../work.js'

const NAME = 'generate'
const PREFIX = 'genqueue-bench'
/** Adds of one addBulk. */
const MANY = 1_000

export interface BullmqOptions {
  /** Over all workers of the queue; null: only the worker's own. */
  readonly globalConcurrency: number | null
}

/** Of a queue, what is used here, whichever backend it has. */
interface AnyQueue {
  waitUntilReady(): Promise<unknown>
  setGlobalConcurrency(concurrency: number): Promise<unknown>
  add(name: string, data: object): Promise<unknown>
  addBulk(jobs: { name: string; data: object }[]): Promise<unknown>
  close(): Promise<unknown>
}

interface AnyWorker {
  waitUntilReady(): Promise<unknown>
  on(event: 'completed', listener: () => void): unknown
  run(): Promise<unknown>
  close(): Promise<unknown>
}

type Handle = (job: Job) => Promise<string>

interface Parts {
  readonly queue: AnyQueue
  worker(handle: Handle): AnyWorker
  remove(): Promise<unknown>
}

const WORKER = { concurrency: CONCURRENCY, autorun: false }

export function bullmqOnRedis(
  url: string,
  queueName: string,
  options: BullmqOptions,
  removeKeys: (pattern: string) => Promise<void>,
): Promise<Subject> {
  const { hostname, port } = new URL(url)
  const connection = { host: hostname, port: Number(port || 6379), maxRetriesPerRequest: null }
  return subjectOf(options, {
    queue: new Queue(queueName, { connection, prefix: PREFIX }),
    worker: (handle) => new Worker(queueName, handle, { connection, prefix: PREFIX, ...WORKER }),
    remove: () => removeKeys(`${PREFIX}:${queueName}:*`),
  })
}

const onPostgres = withBackend(createPostgresBackend)

/** The queue and the worker have a pool each; only one of them is busy at a time. */
export function bullmqOnPostgres(
  connectionString: string,
  connections: number,
  options: BullmqOptions,
): Promise<Subject> {
  const connection = { connectionString, max: connections, migrate: true }
  return subjectOf(options, {
    queue: new onPostgres.Queue(NAME, { connection }),
    worker: (handle) => new onPostgres.Worker(NAME, handle, { connection, ...WORKER }),
    remove: async () => {},
  })
}

async function subjectOf({ globalConcurrency }: BullmqOptions, parts: Parts): Promise<Subject> {
  const { queue } = parts
  await queue.waitUntilReady()
  if (globalConcurrency !== null) await queue.setGlobalConcurrency(globalConcurrency)
  return {
    add: (n) => queue.add(NAME, requestOf(n)),
    async addMany(jobs) {
      for (let at = 0; at < jobs.length; at += MANY) {
        await queue.addBulk(jobs.slice(at, at + MANY).map((n) => ({ name: NAME, data: requestOf(n) })))
      }
    },
    async prepare({ started, done }: Watch) {
      const worker = parts.worker(async () => {
        started()
        return RESULT
      })
      await worker.waitUntilReady()
      worker.on('completed', done)
      return { begin: () => void worker.run(), stop: () => worker.close() }
    },
    async close() {
      await queue.close()
      await parts.remove()
    },
  }
}
