import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { StoredAccount, TakenSlot } from '../src/chaos/evidence/evidence.js'
import type { Entry, Event } from '../src/chaos/log.js'
import { Observer } from '../src/chaos/observer.js'
import { until } from '../src/chaos/time.js'
import { type Observed, RECOVERY_MS_MAX, verdictOf } from '../src/chaos/verdict.js'

/** A small run that is all right, and everything that must not pass once it is not. */
const LEASE = 1_000
const at = (time: number, who: string, event: Event): Entry => ({ at: time, who, ...event })
const begin = (time: number, who: string, queueId: number, leaseMs = LEASE): Entry =>
  at(time, who, { what: 'begin', queueId, modelId: 'm', attempt: 1, leaseUntil: time + leaseMs })

const CLEAN: Observed = {
  storage: 'none',
  seed: 1,
  leaseMs: LEASE,
  caps: { m: 1 },
  entries: [
    at(0, 'o', { what: 'grant', id: 'g', userId: 'ada', amount: 10 }),
    at(1, 'o', { what: 'granted', id: 'g' }),
    at(2, 'p', { what: 'want', key: 'k', userId: 'ada', modelId: 'm', cost: 3 }),
    at(3, 'p', { what: 'got', key: 'k', queueId: 1, again: true }),
    begin(4, 'w', 1),
    at(5, 'w', { what: 'end', queueId: 1, attempt: 1, how: 'made', used: 2 }),
    at(6, 'w', { what: 'told', queueId: 1, attempt: 1, end: 'completed' }),
  ],
  samples: [{ at: 4, queueId: 1, leaseUntil: 1_004 }],
  rowsOverCap: [],
  overdrawn: [],
  accountsSeen: 1,
  unanswered: 0,
  books: {
    generations: [{ queueId: 1, userId: 'ada', key: 'k', modelId: 'm', status: 'completed' }],
    ledger: [
      { userId: 'ada', kind: 'grant', amount: 10, queueId: null, key: 'g' },
      { userId: 'ada', kind: 'reserve', amount: 3, queueId: 1, key: null },
      { userId: 'ada', kind: 'capture', amount: 2, queueId: 1, key: null },
      { userId: 'ada', kind: 'refund', amount: 1, queueId: 1, key: null },
    ],
    accounts: [{ userId: 'ada', balance: 8, reserved: 0 }],
    active: { m: 0 },
  },
  faults: {
    killWorker: 0,
    killProducer: 0,
    cutConnections: 0,
    swallowReplies: 0,
    crashServer: 0,
    freezeWorker: 0,
    starveCpu: 0,
  },
  drained: true,
  verify: null,
  tookMs: 7,
}
const plus = (...entries: readonly Entry[]): Partial<Observed> => ({
  entries: [...CLEAN.entries, ...entries],
})
const told = (code: string, userId = 'ada') => [
  at(7, 'p', { what: 'want', key: 'x', userId, modelId: 'm', cost: 1 }),
  at(8, 'p', { what: 'denied', key: 'x', code }),
]
const crashed = (wasUp: boolean) =>
  at(9, 'c', { what: 'crashed', victim: 'w', since: 7, wasUp, complaint: 'TypeError' })
const killedAndBack = (backAt: number): Partial<Observed> =>
  plus(begin(10, 'w', 1), at(20, 'c', { what: 'killed', victim: 'w' }), begin(backAt, 'v', 1))

describe('the verdict over a run', () => {
  it('has nothing against one that is all right', () => {
    expect(verdictOf(CLEAN)).toMatchObject({ breaches: [], starts: 1, answersLost: 1, mostHeld: { m: 1 } })
    expect(verdictOf({ ...CLEAN, ...plus(...told('INSUFFICIENT_TICKETS', 'poor-1')) }).breaches).toEqual([])
    expect(verdictOf({ ...CLEAN, ...plus(...told('STORAGE_UNAVAILABLE', 'rich-1')) }).breaches).toEqual([])
    const startFailed = plus(at(8, 'c', { what: 'cut' }), crashed(false))
    expect(verdictOf({ ...CLEAN, ...startFailed })).toMatchObject({ breaches: [], startsFailed: 1 })
    expect(verdictOf({ ...CLEAN, ...killedAndBack(1_500) })).toMatchObject({
      breaches: [],
      recovery: { slots: 1, worstMs: 1_480 },
    })
  })

  const BREACHES: readonly [string, Partial<Observed>, RegExp][] = [
    ['a start over the cap', plus(begin(7, 'a', 1), begin(8, 'b', 1)), /began over the cap on b/],
    ['rows over the cap', { rowsOverCap: ['m: 2 slots taken, limit 1'] }, /2 slots taken/],
    ['an account that was overdrawn for a moment', { overdrawn: ['ada has -1'] }, /ada has -1/],
    ['a queue that does not drain', { drained: false }, /did not drain/],
    ['what verify() says', { verify: 'two slots too many' }, /two slots too many/],
    [
      'a slot that never comes back',
      plus(begin(7, 'w', 1), at(8, 'c', { what: 'killed', victim: 'w' })),
      /never seen/,
    ],
    ['a slot that comes back late', killedAndBack(20 + RECOVERY_MS_MAX + 1), /p99 of recovery/],
    [
      'a process that ends by itself',
      plus(at(8, 'c', { what: 'cut' }), crashed(true)),
      /w ended by itself: TypeError/,
    ],
    [
      'one that cannot start although nothing was done',
      plus(at(6, 'c', { what: 'cut' }), crashed(false)),
      /w ended/,
    ],
    ['an odd answer', plus(...told('UNKNOWN')), /request x of ada was denied by UNKNOWN/],
    ['too few tickets for the rich', plus(...told('INSUFFICIENT_TICKETS', 'rich-1')), /of rich-1 was denied/],
    [
      'an odd answer to a cancel',
      plus(at(9, 'p', { what: 'cancelled', queueId: 1, code: 'UNKNOWN' })),
      /UNKNOWN/,
    ],
    ['leases in the past', plus(begin(7, 'w', 1, -5), begin(8, 'w', 1, -5)), /-5 ms long in the median/],
    ['an observer that sees no slots', { samples: [] }, /never saw a slot/],
    ['an observer that sees no accounts', { accountsSeen: 0 }, /never saw an account/],
    [
      'a run without work',
      { entries: CLEAN.entries.filter(({ what }) => what !== 'begin') },
      /no handler ever/,
    ],
  ]
  it.each(BREACHES)('%s', (_, changed, sentence) => {
    expect(verdictOf({ ...CLEAN, ...changed }).breaches.join('\n')).toMatch(sentence)
  })

  it('counts no time of recovery while there is no server', () => {
    const server = (time: number, state: 'down' | 'up') => at(time, 'c', { what: 'server', state })
    const late = 20 + RECOVERY_MS_MAX + 400
    const figures = (...more: readonly Entry[]) => {
      const entries = [...(killedAndBack(late).entries as Entry[]), ...more].sort((a, b) => a.at - b.at)
      const { breaches, recovery, recoveryServed } = verdictOf({ ...CLEAN, entries })
      return [breaches.length, recovery.worstMs, recoveryServed.worstMs]
    }
    const took = RECOVERY_MS_MAX + 400
    expect(figures()).toEqual([1, took, took])
    expect(figures(server(5, 'down'), server(9, 'up'))).toEqual([1, took, took])
    expect(figures(server(10, 'down'), server(720, 'up'))).toEqual([0, took, took - 700])
    expect(figures(server(late - 500, 'down'), server(late + 100, 'up'))).toEqual([0, took, took - 500])
    expect(figures(server(late + 1, 'down'), server(late + 100, 'up'))).toEqual([1, took, took])
  })

  it('counts starts beside handlers that lost their slot and run on', () => {
    const entries = plus(
      begin(10, 'a', 1),
      begin(1_011, 'b', 1),
      at(1_500, 'b', ended),
      at(1_600, 'a', ended),
    )
    expect(verdictOf({ ...CLEAN, ...entries })).toMatchObject({ startsOverCap: 0, besideStale: 1 })
    const dead = plus(
      begin(10, 'a', 1),
      at(20, 'c', { what: 'stopped', victim: 'a' }),
      at(900, 'c', { what: 'killed', victim: 'a' }),
      begin(1_011, 'b', 1),
    )
    expect(verdictOf({ ...CLEAN, ...dead })).toMatchObject({ startsOverCap: 0, besideStale: 0 })
  })
  const ended: Event = { what: 'end', queueId: 1, attempt: 1, how: 'made', used: 2 }
})

describe('the observer', () => {
  const look = async (slots: readonly TakenSlot[], accounts: readonly StoredAccount[]) => {
    const folder = mkdtempSync(join(tmpdir(), 'genqueue-observer-'))
    const never = async () => {
      throw new Error('not asked for')
    }
    const evidence = {
      takenSlots: async () => [...slots],
      accounts: async () => [...accounts],
      unfinished: never,
      books: never,
      close: never,
    }
    const observer = new Observer(folder, evidence, { m: 1 })
    observer.watch()
    await until(() => observer.accountsSeen > 0, 5_000)
    await observer.end()
    rmSync(folder, { recursive: true })
    return observer
  }
  const slot = (queueId: number): TakenSlot => ({ queueId, modelId: 'm', leaseUntil: Date.now() })

  it('sees slots within the limit and accounts that have what they reserved', async () => {
    const { samples, rowsOverCap, overdrawn } = await look(
      [slot(1)],
      [{ userId: 'ada', balance: 3, reserved: 3 }],
    )
    expect(samples.length).toBeGreaterThan(0)
    expect({ rowsOverCap, overdrawn }).toEqual({ rowsOverCap: [], overdrawn: [] })
  })

  it('sees more slots than the limit, and accounts that reserve more than they have or less than nothing', async () => {
    const { rowsOverCap, overdrawn } = await look(
      [slot(1), slot(2)],
      [
        { userId: 'ada', balance: 3, reserved: 4 },
        { userId: 'bob', balance: 3, reserved: -1 },
      ],
    )
    expect(rowsOverCap[0]).toMatch(/2 slots taken, limit 1/)
    expect(overdrawn.slice(0, 2).join()).toMatch(/ada has 3 tickets and 4 .*bob has 3 tickets and -1/)
  })
})
