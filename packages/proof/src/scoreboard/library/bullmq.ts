import { createPostgresBackend, Queue, setDefaultBackendFactory, Worker, type WorkerOptions } from 'bullmq'
import type { Adapter, Ground } from './adapter.js'

const NAME = 'generate'

export interface BullmqOptions {
  readonly on: 'redis' | 'postgres'
  readonly worker?: Partial<WorkerOptions>
}

export async function openBullmq(
  { on, worker: tuning }: BullmqOptions,
  { place, cap, perProcess }: Ground,
): Promise<Adapter> {
  if (on === 'postgres') setDefaultBackendFactory(createPostgresBackend)
  const connection =
    on === 'redis'
      ? { host: '127.0.0.1', port: place.port, maxRetriesPerRequest: null }
      : { connectionString: `postgresql://postgres@127.0.0.1:${place.port}/postgres`, migrate: true }
  const queue = new Queue(NAME, { connection })
  await queue.waitUntilReady()
  return {
    async setUp() {
      if (cap !== null) await queue.setGlobalConcurrency(cap)
    },
    async add(jobs) {
      await queue.addBulk(jobs.map((job) => ({ name: NAME, data: { job } })))
    },
    async prepare(handle) {
      const worker = new Worker<{ job: number }>(NAME, ({ data }) => handle(data.job), {
        connection,
        concurrency: perProcess,
        autorun: false,
        ...tuning,
      })
      worker.on('error', ({ message }) => console.error(message))
      await worker.waitUntilReady()
      return () => void worker.run()
    },
    async left() {
      const counts = await queue.getJobCounts('waiting', 'active', 'delayed', 'prioritized')
      return Object.values(counts).reduce((sum, count) => sum + count, 0)
    },
  }
}
