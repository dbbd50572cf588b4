import { createQueue, type Queue, type QueueOptions } from '@genqueue/core'
import { memoryStorage } from '@genqueue/memory'

export const silent = { warn: () => {}, error: () => {} }

/** A queue in memory with one model `m` (two slots) and a user `ada` with 100 tickets. */
export async function openQueue(options: Partial<QueueOptions> = {}): Promise<Queue> {
  const queue = createQueue({
    storage: memoryStorage(),
    models: { m: 2, one: 1 },
    logger: silent,
    ...options,
  })
  await queue.tickets.grant('ada', 100)
  return queue
}

export const ask = (overrides: Record<string, unknown> = {}) => ({
  userId: 'ada',
  modelId: 'm',
  prompt: 'a lighthouse in the fog',
  ...overrides,
})

/** Waits until `met` holds, or fails after `timeoutMs`. */
export async function until(met: () => boolean | Promise<boolean>, timeoutMs = 5_000): Promise<void> {
  const giveUpAt = Date.now() + timeoutMs
  while (!(await met())) {
    if (Date.now() > giveUpAt) throw new Error(`not met within ${timeoutMs} ms`)
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
}
