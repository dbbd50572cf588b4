import { createQueue } from '@genqueue/core'
import { createQueueHandler } from '@genqueue/http'
import { memoryStorage } from '@genqueue/memory'

const queue = createQueue({ storage: memoryStorage(), models: { m: 1 } })

/** A module as an edge runtime loads it: a fetch function, and nothing of Node around it. */
export const fetch = createQueueHandler(queue, {
  identify: (request) => (request.headers.get('cookie') === 'ada' ? { userId: 'ada', admin: true } : null),
})

/** Queues one and runs it with a worker: timers, randomness, hashing and events, too. */
export async function runOne(): Promise<number> {
  await queue.tickets.grant('ada', 1)
  const worker = queue.worker(async () => 'https://img.example/1.png').start()
  const { queueId } = await queue.enqueue({ userId: 'ada', modelId: 'm', prompt: 'a lighthouse' })
  await new Promise((resolve) => queue.once('completed', resolve))
  await worker.close()
  return queueId
}
