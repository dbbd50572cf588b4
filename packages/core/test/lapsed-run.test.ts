import { applyCommand, applyItem, LEASE_MS } from '@genqueue/core/testing'
import { memoryStorage } from '@genqueue/memory'
import { describe, expect, it } from 'vitest'
import { ask, openQueue } from './support/queue.js'

const signal = () => {
  let give: () => void = () => {}
  const given = new Promise<void>((resolve) => {
    give = resolve
  })
  return { given, give }
}

describe('a generation that lapsed under a process which still runs it', () => {
  it('may come back to that process: both runs end, the first in vain, and drain returns', async () => {
    const storage = memoryStorage()
    const queue = await openQueue({ storage, models: { m: 2 } })
    const { queueId } = await queue.enqueue(ask())
    await queue.enqueue(ask())
    const [lapsed, again] = [signal(), signal()]
    const report = await queue.drain(async (generation, { attempt, lease }) => {
      const url = `https://img.example/${generation.queueId}-${attempt}.png`
      if (generation.queueId !== queueId) {
        // Its end makes the drain claim once more.
        await lapsed.given
      } else if (attempt === 1) {
        const item = applyItem(queueId, 'reclaim', { token: lease.token })
        await storage.apply(applyCommand([item], Date.now() + 2 * LEASE_MS))
        lapsed.give()
        await again.given
      } else again.give()
      return url
    })
    expect(report).toMatchObject({ started: 3, completed: 2, lost: 1 })
    expect(await queue.get(queueId)).toMatchObject({ resultUrl: `https://img.example/${queueId}-2.png` })
    await queue.close()
  })
})
