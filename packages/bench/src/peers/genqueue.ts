import { createQueue, type Queue, type Storage } from '@genqueue/core'
import type { Subject } from '../contender.js'
import { CONCURRENCY, MODEL, RESULT, requestOf, USERS } from '../work.js'

const TICKETS = 2_000_000
const QUEUED_MAX = 2_000_000
/** What enqueueMany takes at once. */
const MANY = 10_000

/** USERS with tickets, and a model with the cap of CONCURRENCY. */
export async function openQueue(storage: Storage): Promise<Queue> {
  const queue = createQueue({ storage, models: { [MODEL]: CONCURRENCY }, maxQueued: QUEUED_MAX })
  await Promise.all(
    Array.from({ length: USERS }, (_, i) => queue.tickets.grant(`user-${i}`, TICKETS, { id: 'bench' })),
  )
  return queue
}

/** The ids, in the order of the queue. */
export async function enqueueAll(queue: Queue, jobs: readonly number[]): Promise<number[]> {
  const queueIds: number[] = []
  for (let at = 0; at < jobs.length; at += MANY) {
    for (const result of await queue.enqueueMany(jobs.slice(at, at + MANY).map(requestOf))) {
      if (!result.ok) throw result.error
      queueIds.push(result.queueId)
    }
  }
  return queueIds
}

export interface GenqueueOptions {
  /** Of the worker; default: the same queue. */
  readonly consumer?: Queue
  /** After the queues are closed. */
  readonly remove: () => Promise<unknown>
}

/** With tickets reserved and captured, the model's cap, priorities, history and rollups: there is no way to leave them out. */
export const genqueueSubject = (queue: Queue, { consumer = queue, remove }: GenqueueOptions): Subject => ({
  add: (n) => queue.enqueue(requestOf(n)),
  addMany: (jobs) => enqueueAll(queue, jobs),
  async prepare({ started, done }) {
    consumer.on('completed', done)
    const worker = consumer.worker(
      async () => {
        started()
        return RESULT
      },
      { concurrency: CONCURRENCY },
    )
    return {
      begin: () => worker.start(),
      async stop() {
        await worker.close()
        consumer.off('completed', done)
      },
    }
  },
  async close() {
    await queue.close()
    await consumer.close()
    await remove()
  },
})
