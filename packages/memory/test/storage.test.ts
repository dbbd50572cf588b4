import { type Admitted, type GenerationRow, HOUR_MS, type Storage, StorageError } from '@genqueue/core'
import {
  admitCommand,
  admitItem,
  applyCommand,
  applyItem,
  claimCommand,
  limitCommand,
  limitItem,
  listQuery,
  postCommand,
} from '@genqueue/core/testing'
import { beforeEach, describe, expect, it } from 'vitest'
import { memoryStorage } from '../src/storage.js'

const T0 = 1_700_000_000_000
let storage: Storage

const open = async (maxConcurrent: number, ...modelIds: string[]) => {
  await storage.limit(
    limitCommand(
      modelIds.map((id) => limitItem(id, { maxConcurrent })),
      T0,
    ),
  )
  await storage.post(postCommand('ada', 1_000_000, T0))
}

const queue = async (count: number, overrides: Parameters<typeof admitItem>[0] = {}, at = T0) => {
  const items = Array.from({ length: count }, () => admitItem(overrides))
  const results = await storage.admit(admitCommand(items, at))
  return results.map((result) => (result as Admitted).queueId)
}

const settleAll = async (event: 'complete' | 'fail', at: number, max = 1_000) => {
  const tokens = Array.from({ length: max }, (_, i) => `token-${i}`)
  const rows = await storage.claim(claimCommand(tokens, at))
  await storage.apply(
    applyCommand(
      rows.map(({ queueId, leaseToken }) => applyItem(queueId, event, { token: leaseToken })),
      at,
    ),
  )
  return rows.map(({ queueId }) => queueId)
}

beforeEach(() => {
  storage = memoryStorage({ clock: { now: () => T0 } })
})

describe('order and positions', () => {
  it('answers exact positions in a deep queue of several priorities, while it is claimed and cancelled', async () => {
    await open(10_000, 'm')
    const rows: { queueId: number; priority: number }[] = []
    for (let batch = 0; batch < 40; batch++) {
      const priority = [0, 5, -5, 1][batch % 4] as number
      const ids = await queue(250, { priority, ticketCost: 0 }, T0 + batch)
      rows.push(...ids.map((queueId) => ({ queueId, priority })))
    }
    let expected = [...rows].sort((a, b) => b.priority - a.priority || a.queueId - b.queueId)
    const check = async () => {
      const positions = await storage.positions({ queueIds: expected.map(({ queueId }) => queueId), at: T0 })
      expect(positions).toEqual(expected.map((_, i) => i + 1))
    }
    await check()
    const tokens = Array.from({ length: 700 }, (_, i) => `token-${i}`)
    const claimed = await storage.claim(claimCommand(tokens, T0 + 100))
    expect(claimed.map(({ queueId }) => queueId)).toEqual(
      expected.slice(0, 700).map(({ queueId }) => queueId),
    )
    expected = expected.slice(700)
    const cancelled = expected.filter((_, i) => i % 3 === 0)
    await storage.apply(
      applyCommand(
        cancelled.map(({ queueId }) => applyItem(queueId, 'cancel')),
        T0 + 101,
      ),
    )
    expected = expected.filter((_, i) => i % 3 !== 0)
    await check()
  })

  it('claims the best heads of many models, each within its slots', async () => {
    await open(2, 'a', 'b', 'c')
    await storage.limit(limitCommand([limitItem('c', { paused: true })], T0))
    const [a1, a2] = await queue(3, { modelId: 'a' }, T0)
    const [b1, b2, b3] = await queue(3, { modelId: 'b', priority: 1 }, T0 + 1)
    await queue(1, { modelId: 'c', priority: 9 }, T0)
    const ids = (rows: readonly GenerationRow[]) => rows.map(({ queueId }) => queueId)
    const all = await storage.claim(claimCommand(['1', '2', '3', '4', '5', '6'], T0 + 2))
    expect(ids(all)).toEqual([b1, b2, a1, a2])
    await storage.apply(applyCommand([applyItem(b2 as number, 'complete', { token: '2' })], T0 + 3))
    expect(ids(await storage.claim(claimCommand(['7', '8'], T0 + 3)))).toEqual([b3])
    const named = claimCommand(['9'], T0 + 3, { modelIds: ['b', 'unknown', 'b'] })
    expect(await storage.claim(named)).toEqual([])
  })
})

describe('bounds', () => {
  it('looks at a bounded number of rows a page, and still finds all of them', async () => {
    await open(1, 'm')
    const [first] = await queue(1, { prompt: 'a needle' })
    for (let i = 0; i < 7; i++) await queue(1_000, { ticketCost: 0 })
    const [last] = await queue(1, { prompt: 'another NEEDLE' })
    const found: number[] = []
    let pages = 0
    for (let cursor: number | null | undefined; cursor !== null; pages++) {
      const page = await storage.list(listQuery({ text: 'needle', cursor: cursor ?? null }))
      found.push(...page.rows.map(({ queueId }) => queueId))
      cursor = page.cursor
    }
    expect(found).toEqual([last, first])
    expect(pages).toBe(4)
  })

  it('purges the oldest of the statuses named, past any number of others', async () => {
    await open(1_000, 'm')
    await queue(30)
    const failed = await settleAll('fail', T0 + 1)
    await queue(30)
    const completed = await settleAll('complete', T0 + 2)
    const purge = (max: number) =>
      storage.purge({ what: 'generations', statuses: ['completed'], before: T0 + 2, max })
    expect([await purge(20), await purge(20), await purge(20)]).toEqual([20, 10, 0])
    expect(await storage.get(completed)).toEqual(completed.map(() => null))
    expect((await storage.get(failed)).map((row) => row?.queueId)).toEqual(failed)
    const both = ['failed', 'completed'] as const
    const rest = await storage.purge({ what: 'generations', statuses: both, before: T0 + 2, max: 99 })
    expect(rest).toBe(30)
  })

  it('purges the oldest ledger lines of all users first', async () => {
    await open(5, 'm')
    await storage.post(postCommand('bob', 10, T0 + 10))
    await queue(2, {}, T0 + 20)
    await storage.post(postCommand('bob', 10, T0 + 30))
    const ages = async () => {
      const pages = await Promise.all(
        ['ada', 'bob'].map((userId) => storage.ledger({ userId, queueId: null, cursor: null, limit: 10 })),
      )
      return pages.map(({ entries }) => entries.map(({ at }) => at - T0))
    }
    const purge = (before: number, max: number) => storage.purge({ what: 'ledger', before: T0 + before, max })
    expect(await ages()).toEqual([
      [20, 20, 0],
      [30, 10],
    ])
    expect(await purge(30, 2)).toBe(2)
    expect(await ages()).toEqual([[20, 20], [30]])
    expect([await purge(25, 9), await purge(25, 9)]).toEqual([2, 0])
    expect(await ages()).toEqual([[], [30]])
    expect(await storage.purge({ what: 'rollups', before: T0 + 2 * HOUR_MS, max: 99 })).toBe(1)
  })

  it('keeps one ledger line of a generation apart from thousands of others', async () => {
    await open(5, 'm')
    const ids = await queue(3_000)
    const page = await storage.ledger({ userId: 'ada', queueId: ids[7] as number, cursor: null, limit: 5 })
    expect(page).toMatchObject({ entries: [{ queueId: ids[7], kind: 'reserve' }], cursor: null })
    const pages: number[] = []
    for (let cursor: number | null | undefined; cursor !== null; ) {
      const next = await storage.ledger({
        userId: 'ada',
        queueId: null,
        cursor: cursor ?? null,
        limit: 1_000,
      })
      pages.push(next.entries.length)
      cursor = next.cursor
    }
    expect(pages).toEqual([1_000, 1_000, 1_000, 1])
  })

  it('forgets a user without an account together with the last generation', async () => {
    await open(5, 'm')
    const key = { userId: 'visitor', idempotencyKey: 'k', ticketCost: 0 }
    const [first] = await queue(1, key)
    await settleAll('complete', T0)
    await storage.purge({ what: 'generations', statuses: ['completed'], before: T0, max: 9 })
    const [again] = await queue(1, key)
    expect(again).not.toBe(first)
    const mine = await storage.list(listQuery({ userId: 'visitor' }))
    expect(mine.rows.map(({ queueId }) => queueId)).toEqual([again])
  })
})

describe('waking', () => {
  it('names each model once a command, when something was queued, moved or a limit changed', async () => {
    await open(5, 'a', 'b')
    const woken: (readonly string[])[] = []
    const stop = await storage.listen?.((modelIds) => void woken.push(modelIds))
    await storage.admit(
      admitCommand(
        ['a', 'b', 'a', 'nobody'].map((modelId) => admitItem({ modelId })),
        T0,
      ),
    )
    await storage.limit(limitCommand([limitItem('b', { maxConcurrent: 9 })], T0))
    expect(woken.splice(0)).toEqual([['a', 'b'], ['b']])
    const [row] = await storage.claim(claimCommand(['x'], T0))
    const complete = applyCommand([applyItem(row?.queueId ?? 0, 'complete', { token: 'x' })], T0)
    await storage.apply(complete)
    expect(woken.splice(0)).toEqual([['a']])
    // A replay, a refusal and what started at once make room for nobody.
    await storage.apply(complete)
    await storage.apply(applyCommand([applyItem(99, 'cancel')], T0))
    await queue(1, { modelId: 'b', ticketCost: 2_000_000 })
    expect(woken).toEqual([])
    await stop?.()
    await queue(1, { modelId: 'a' })
    expect(woken).toEqual([])
  })
})

describe('life', () => {
  it('refuses everything after it was closed, for good', async () => {
    await open(1, 'm')
    await storage.close()
    await storage.close()
    const calls: (() => Promise<unknown>)[] = [
      () => storage.open(),
      () => storage.now(),
      () => storage.admit(admitCommand([admitItem()], T0)),
      () => storage.claim(claimCommand(['x'], T0)),
      () => storage.get([1]),
      () => storage.list(listQuery()),
      () => storage.purge({ what: 'ledger', before: T0, max: 1 }),
      async () => storage.listen?.(() => {}),
    ]
    for (const call of calls) {
      const error = await call().catch((thrown: unknown) => thrown)
      expect(error).toBeInstanceOf(StorageError)
      expect(error).toMatchObject({ transient: false, message: 'the memory storage is closed' })
    }
  })

  it('takes its time from the clock it was given, and from the command that brings one', async () => {
    await open(1, 'm')
    expect(await storage.now()).toBe(T0)
    const { at, ...command } = admitCommand([admitItem()], T0 + 77)
    const [own] = await storage.admit(command)
    const [given] = await storage.admit({ ...admitCommand([admitItem()], T0 + 77) })
    expect([own, given]).toMatchObject([{ queuedAt: T0 }, { queuedAt: at }])
  })
})
