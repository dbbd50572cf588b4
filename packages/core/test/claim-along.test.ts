import type { Queue, Storage } from '@genqueue/core'
import { memoryStorage } from '@genqueue/memory'
import { afterEach, describe, expect, it } from 'vitest'
import { ask, openQueue, until } from './support/queue.js'

const TRIP_MS = 1
const RUN_MS = 10
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))

/** Like a server some way off, which does or does not take a settle and a claim as one command. */
function farAway(inner: Storage, together: boolean, seen: string[], batchesInFlight = 1): Storage {
  const send =
    <Input extends unknown[], Result>(name: string, command: (...input: Input) => Promise<Result>) =>
    async (...input: Input): Promise<Result> => {
      seen.push(name)
      await pause(TRIP_MS)
      const result = await command(...input)
      await pause(TRIP_MS)
      seen.push(`${name} answered`)
      return result
    }
  const { applyAndClaim, ...rest } = inner
  return {
    ...rest,
    supports: { ...inner.supports, listen: false, shared: true, batchMax: 10, batchesInFlight },
    claim: send('claim', inner.claim),
    apply: send('apply', inner.apply),
    ...(together && applyAndClaim ? { applyAndClaim: send('applyAndClaim', applyAndClaim) } : {}),
  }
}

const ON = [
  { together: true, batchesInFlight: 1 },
  { together: true, batchesInFlight: 4 },
  { together: false, batchesInFlight: 1 },
  { together: false, batchesInFlight: 4 },
]

describe('a worker', () => {
  let queue: Queue | undefined
  afterEach(async () => {
    await queue?.close()
  })

  async function drained(storage: Storage, concurrency: number) {
    queue = await openQueue({ storage, models: { m: 4 } })
    await queue.enqueueMany(Array.from({ length: 20 }, () => ask()))
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
    await until(async () => (await queue?.stats())?.completed === 20)
    await worker.close()
    expect((await queue.verify()).findings).toEqual([])
    return most
  }

  it.each(ON.flatMap((on) => [1, 2, 3, 4, 50].map((concurrency) => ({ ...on, concurrency }))))(
    'finishes all and runs no more than its share: %o',
    async ({ together, batchesInFlight, concurrency }) => {
      const storage = farAway(memoryStorage(), together, [], batchesInFlight)
      expect(await drained(storage, concurrency)).toBe(Math.min(concurrency, 4))
    },
  )

  it('settles and claims with one command where the storage has it', async () => {
    const seen: string[] = []
    await drained(farAway(memoryStorage(), true, seen), 1)
    const settle = seen.indexOf('applyAndClaim')
    expect(seen.slice(settle, settle + 3)).toEqual([
      'applyAndClaim',
      'applyAndClaim answered',
      'applyAndClaim',
    ])
    expect(seen).not.toContain('apply')
    // The first claim, those of what its polls find, and no other.
    expect(seen.filter((name) => name === 'claim').length).toBeLessThan(20)
  })

  it('claims behind the answer to a settle where it has not', async () => {
    const seen: string[] = []
    await drained(farAway(memoryStorage(), false, seen), 1)
    const settle = seen.indexOf('apply')
    expect(seen.slice(settle, settle + 3)).toEqual(['apply', 'apply answered', 'claim'])
  })

  it('beside another with models of its own in the same queue has its slots filled again', async () => {
    queue = await openQueue({ storage: farAway(memoryStorage(), true, []), models: { m: 1, n: 1 } })
    await queue.enqueueMany(Array.from({ length: 20 }, (_, i) => ask({ modelId: i % 2 === 0 ? 'm' : 'n' })))
    const startedAt = Date.now()
    const workers = ['m', 'n'].map((modelId) =>
      queue?.worker(() => pause(RUN_MS).then(() => 'https://img.example/1.png'), {
        models: [modelId],
        pollMs: 60_000,
      }),
    )
    for (const worker of workers) worker?.start()
    await until(async () => (await queue?.stats())?.completed === 20)
    expect(Date.now() - startedAt).toBeLessThan(5_000)
  })

  it('goes on after a settle that went out with its claim was lost', async () => {
    const inner = farAway(memoryStorage(), true, [])
    let failures = 0
    const storage: Storage = {
      ...inner,
      async applyAndClaim(...input) {
        if (failures < 1) {
          failures += 1
          throw new Error('out of reach')
        }
        return (inner.applyAndClaim as NonNullable<Storage['applyAndClaim']>)(...input)
      },
    }
    queue = await openQueue({ storage, models: { m: 4 }, logger: { warn() {}, error() {} } })
    await queue.enqueueMany(Array.from({ length: 12 }, () => ask()))
    queue.worker(() => 'https://img.example/1.png', { concurrency: 4, pollMs: 60_000 }).start()
    await until(async () => (await queue?.stats())?.completed === 12)
    expect(failures).toBe(1)
    expect((await queue.verify()).findings).toEqual([])
  })
})
