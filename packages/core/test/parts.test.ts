import { readFileSync } from 'node:fs'
import {
  appendTimeline,
  createQueue,
  ERROR_STATUS,
  GenqueueError,
  isGenqueueError,
  parseTimeline,
  StorageError,
  TIMELINE_MAX,
} from '@genqueue/core'
import { ManualClock, tableStorage } from '@genqueue/core/testing'
import { describe, expect, it } from 'vitest'
import { Bag, type Bagged, NOWHERE } from '../src/bag.js'
import { createBatcher } from '../src/batcher.js'
import { jitterMs, retryDelayMs } from '../src/retry.js'
import { encodeJson, trimText } from '../src/schemas/text.js'
import { ask, silent } from './support/queue.js'

describe('a batcher', () => {
  it('sends what is called at once together, and while one batch is under way the next collects', async () => {
    const batches: number[][] = []
    const run = async (items: readonly number[]) => {
      batches.push([...items])
      await new Promise((resolve) => setTimeout(resolve, 5))
      return items.map((item) => item * 2)
    }
    const batcher = createBatcher({ run, batchMax: 4, inFlight: 1, pendingMax: 100 })
    const first = [1, 2].map((item) => batcher.add(item))
    await Promise.resolve()
    const second = [3, 4, 5, 6, 7].map((item) => batcher.add(item))
    expect(await Promise.all([...first, ...second])).toEqual([2, 4, 6, 8, 10, 12, 14])
    expect(batches).toEqual([[1, 2], [3, 4, 5, 6], [7]])
    await batcher.idle()
  })

  it('fails all of a failed batch and none of another, and refuses what is too much', async () => {
    const run = async (items: readonly number[]) => {
      if (items.includes(1)) throw new Error('no')
      return items
    }
    const batcher = createBatcher({ run, batchMax: 2, inFlight: 1, pendingMax: 3 })
    const results = await Promise.allSettled([1, 2, 3, 4].map((item) => batcher.add(item)))
    expect(
      results.map((result) =>
        result.status === 'fulfilled' ? result.value : (result.reason as Error).message,
      ),
    ).toEqual(['no', 'no', 3, expect.stringContaining('slow down')])
  })

  it('tells receivers, beside those who await: of the answer, of a failure, and of what is too much', async () => {
    const run = async (items: readonly number[]) => {
      if (items.includes(1)) throw new Error('no')
      return items.map((item) => item * 2)
    }
    const batcher = createBatcher({ run, batchMax: 2, inFlight: 1, pendingMax: 4 })
    const told: unknown[] = []
    const receiver = {
      answered: (result: number, item: number) => void told.push([item, result]),
      failed: (error: unknown, item: number) => void told.push([item, (error as Error).message]),
    }
    for (const item of [1, 2]) batcher.addFor(item, receiver)
    const awaited = batcher.add(3)
    for (const item of [4, 5]) batcher.addFor(item, receiver)
    expect(await awaited).toBe(6)
    await batcher.idle()
    expect(told).toEqual([
      [5, expect.stringContaining('slow down')],
      [1, 'no'],
      [2, 'no'],
      [4, 8],
    ])
  })
})

describe('a bag', () => {
  it('has each member once, finds it at once, and forgets what left', () => {
    const bag = new Bag<Bagged>()
    const [a, b, c] = [1, 2, 3].map(() => ({ place: NOWHERE })) as [Bagged, Bagged, Bagged]
    for (const member of [a, b, c, a]) bag.add(member)
    expect([bag.size, new Set(bag.all())]).toEqual([3, new Set([a, b, c])])
    for (const member of [a, a, c]) bag.delete(member)
    expect([bag.all(), a.place, c.place]).toEqual([[b], NOWHERE, NOWHERE])
    bag.add(c)
    bag.clear()
    expect([bag.size, b.place, c.place]).toEqual([0, NOWHERE, NOWHERE])
  })
})

describe('retries', () => {
  const policy = { maxAttempts: 3, baseMs: 1_000, maxMs: 5_000 }
  const luck = (value: number) => ({ next: () => value, token: () => 't' })

  it('wait a random part of a span that doubles up to its most', () => {
    expect([1, 2, 3, 4, 90].map((attempt) => jitterMs(attempt, policy, luck(0.999)))).toEqual([
      999, 1_998, 3_996, 4_995, 4_995,
    ])
    expect(jitterMs(3, policy, luck(0))).toBe(0)
  })

  it.each([
    [new Error('plain'), 500],
    [Object.assign(new Error('final'), { retryable: false }), null],
    [Object.assign(new Error('later'), { retryAfterMs: 1_234.5 }), 1_235],
    [Object.assign(new Error('much later'), { retryAfterMs: 1e12 }), 86_400_000],
    [Object.assign(new Error('nonsense'), { retryAfterMs: 'soon', retryable: 'perhaps' }), 500],
    [{ retryable: false }, null],
    ['text', 500],
    [undefined, 500],
  ])('do what the error says: %o', (error, expected) => {
    expect(retryDelayMs(error, 1, policy, luck(0.5))).toBe(expected)
  })
})

describe('texts', () => {
  it('are cut whole', () => {
    expect(trimText('abc\0def', 10)).toBe('abcdef')
    expect(trimText(`${'x'.repeat(9)}🐑`, 10)).toBe(`${'x'.repeat(9)}…`)
    expect(trimText('🐑\ud83d', 10).isWellFormed()).toBe(true)
  })

  it.each(['{"a":"\\\\u0000"}', '{"a":"ok"}'])('of JSON may speak of escapes: %s', (text) => {
    expect(encodeJson('f', JSON.parse(text), 100)).toBe(text)
  })

  it('make timelines that stay bounded and can be read again', () => {
    let timeline = ''
    for (let i = 0; i < 500; i++)
      timeline = appendTimeline(timeline, i % 2 ? 'retryLater' : 'claim', 1_700_000_000_000 + i)
    expect(timeline.length).toBeLessThanOrEqual(TIMELINE_MAX)
    const entries = parseTimeline(timeline)
    expect(entries.at(-1)).toEqual({ event: 'retryLater', at: 1_700_000_000_499 })
    expect(entries.length).toBeGreaterThan(30)
    expect(parseTimeline('')).toEqual([])
  })
})

describe('errors', () => {
  it('are one family with a heading each in docs/errors.md, and its HTTP status beside it', () => {
    const page = readFileSync(new URL('../../../docs/errors.md', import.meta.url), 'utf8')
    for (const [code, status] of Object.entries(ERROR_STATUS)) {
      expect(page).toContain(`\n## ${code}\n`)
      expect(page).toContain(`(#${code.toLowerCase()}) | ${status} |`)
    }
    expect(page.match(/^## /gm)).toHaveLength(Object.keys(ERROR_STATUS).length)
    expect(isGenqueueError(new GenqueueError('CLOSED', 'x'))).toBe(true)
    expect(isGenqueueError(new Error('x'))).toBe(false)
  })
})

describe('a storage that fails', () => {
  const failing = (errors: Error[]) => {
    const sound = tableStorage()
    return {
      ...sound,
      async admit(command: Parameters<typeof sound.admit>[0]) {
        // The command is carried out, and its reply is lost.
        const results = await sound.admit(command)
        const error = errors.shift()
        if (error !== undefined) throw error
        return results
      },
    }
  }
  const transient = () => new StorageError('connection reset', { transient: true })
  const open = (errors: Error[]) =>
    createQueue({ storage: failing(errors), models: { m: 1 }, tickets: false, logger: silent })

  it('for a moment is asked again, and a reply that was lost queues nothing twice', async () => {
    const queue = open([transient(), transient()])
    const { queueId, duplicate } = await queue.enqueue(ask())
    expect({ queueId, duplicate }).toEqual({ queueId: 1, duplicate: false })
    expect((await queue.list()).generations).toHaveLength(1)
  })

  it('for longer, or for good, is STORAGE_UNAVAILABLE with its cause', async () => {
    const cause = new StorageError('disk full', { transient: false })
    await expect(open([cause]).enqueue(ask())).rejects.toMatchObject({ code: 'STORAGE_UNAVAILABLE', cause })
    await expect(open([transient(), transient(), transient()]).enqueue(ask())).rejects.toMatchObject({
      code: 'STORAGE_UNAVAILABLE',
    })
  })

  it('to open is tried again by the next call', async () => {
    const sound = tableStorage()
    let refusals = 1
    const open = async () => {
      if (refusals-- > 0) throw new StorageError('not yet', { transient: false })
    }
    const queue = createQueue({ storage: { ...sound, open }, models: { m: 1 }, logger: silent })
    await expect(queue.limits.list()).rejects.toMatchObject({ code: 'STORAGE_UNAVAILABLE' })
    expect(await queue.limits.list()).toHaveLength(1)
  })
})

describe('time', () => {
  it('is the caller’s, down to leases, deadlines and backoff, when a clock is given', async () => {
    const clock = new ManualClock()
    const queue = createQueue({
      storage: tableStorage(),
      models: { m: 1 },
      tickets: false,
      clock,
      logger: silent,
    })
    const worker = queue.worker(async ({ prompt }) => {
      await new Promise<void>((resolve) => clock.setTimer(resolve, 30_000))
      return `https://img.example/${prompt}.png`
    })
    worker.start()
    const { queueId } = await queue.enqueue(ask({ prompt: 'one' }))
    const late = await queue.enqueue(ask({ prompt: 'two', maxWaitMs: 5_000 }))
    await clock.advance(4_900)
    expect(await queue.status(queueId)).toMatchObject({ status: 'processing' })
    expect(await queue.status(late.queueId)).toMatchObject({ status: 'queued', position: 1 })
    await clock.advance(2_000)
    expect(await queue.status(late.queueId)).toMatchObject({
      status: 'failed',
      errorMessage: 'waited past its deadline',
    })
    // The lease of 12 s was renewed all the while.
    await clock.advance(25_000)
    expect(await queue.status(queueId)).toMatchObject({
      status: 'completed',
      resultUrl: 'https://img.example/one.png',
    })
    const closing = queue.close()
    await clock.advance(1_000)
    await closing
    expect(clock.pendingTimers).toBe(0)
  })
})
