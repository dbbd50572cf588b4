import type { Queue, Storage } from '@genqueue/core'
import { memoryStorage } from '@genqueue/memory'
import { afterEach, describe, expect, it } from 'vitest'
import { ask, openQueue, until } from './support/queue.js'

const TRIP_MS = 1
const RUN_MS = 20
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))

/** Like a server behind one connection: commands take effect in the order sent, and are answered later. */
function behindAConnection(inner: Storage, ordered: boolean, seen: string[]): Storage {
  let before: Promise<unknown> = Promise.resolve()
  const send =
    <Command, Result>(name: string, command: (input: Command) => Promise<Result>) =>
    (input: Command): Promise<Result> => {
      seen.push(name)
      const answer = before.then(() => pause(TRIP_MS)).then(() => command(input))
      before = answer.catch(() => {})
      return answer.finally(() => seen.push(`${name} answered`))
    }
  return {
    ...inner,
    supports: { ...inner.supports, batchMax: 10, ordered },
    claim: send('claim', inner.claim),
    apply: send('apply', inner.apply),
  }
}

describe('a worker over a storage that is', () => {
  let queue: Queue | undefined
  afterEach(async () => {
    await queue?.close()
  })

  async function drained(ordered: boolean, concurrency: number) {
    const seen: string[] = []
    queue = await openQueue({
      storage: behindAConnection(memoryStorage(), ordered, seen),
      models: { m: 4 },
    })
    await queue.enqueueMany(Array.from({ length: 40 }, () => ask()))
    let running = 0
    let most = 0
    const worker = queue
      .worker(
        async () => {
          running += 1
          most = Math.max(most, running)
          await pause(RUN_MS)
          running -= 1
          return 'https://img.example/1.png'
        },
        { concurrency, pollMs: 60_000 },
      )
      .start()
    await until(async () => (await queue?.stats())?.completed === 40)
    await worker.close()
    expect((await queue.verify()).findings).toEqual([])
    return { seen, most }
  }

  it.each([1, 2, 3, 4, 50])(
    'ordered: %i at once finish all, and no more of them run',
    async (concurrency) => {
      const { most } = await drained(true, concurrency)
      expect(most).toBe(Math.min(concurrency, 4))
    },
  )

  it('ordered: claims behind a settle, before its answer', async () => {
    const { seen } = await drained(true, 1)
    const settle = seen.indexOf('apply')
    expect(seen.slice(settle, settle + 3)).toEqual(['apply', 'claim', 'apply answered'])
  })

  it('not ordered: waits for the answer to a settle before it claims', async () => {
    const { seen } = await drained(false, 1)
    const settle = seen.indexOf('apply')
    expect(seen.slice(settle, settle + 3)).toEqual(['apply', 'apply answered', 'claim'])
  })
})
