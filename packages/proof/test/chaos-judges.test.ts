import { describe, expect, it } from 'vitest'
import type { StoredBooks, StoredLine } from '../src/chaos/evidence/evidence.js'
import { judgeBooks } from '../src/chaos/judge/books.js'
import { judgeCap } from '../src/chaos/judge/cap.js'
import { judgeRecovery, quantile } from '../src/chaos/judge/recovery.js'
import { type LeaseSample, runsOf } from '../src/chaos/judge/runs.js'
import type { Entry, Event } from '../src/chaos/log.js'

/** The observer's judges, each shown what it must see and what it must not take for a breach. */
const LEASE = 1_000
const at = (time: number, who: string, event: Event): Entry => ({ at: time, who, ...event })
const begin = (time: number, who: string, queueId: number, attempt = 1) =>
  at(time, who, { what: 'begin', queueId, modelId: 'm', attempt, leaseUntil: time + LEASE })
const end = (time: number, who: string, queueId: number, how: 'made' | 'refused' = 'made', used = 2) =>
  at(time, who, { what: 'end', queueId, attempt: 1, how, used })
const killed = (time: number, victim: string) => at(time, 'conductor', { what: 'killed', victim })
const stopped = (time: number, victim: string) => at(time, 'conductor', { what: 'stopped', victim })
const cancel = (time: number, queueId: number) => at(time, 'p', { what: 'cancel', queueId })

const runs = (entries: readonly Entry[], samples: readonly LeaseSample[] = [], cancelled: number[] = []) =>
  runsOf(entries, samples, new Set(cancelled))

describe('starts over the cap', () => {
  const CASES: readonly [string, number, readonly Entry[], readonly LeaseSample[], number[]?][] = [
    ['one after the other', 0, [begin(0, 'a', 1), end(10, 'a', 1), begin(20, 'b', 2)], []],
    ['two at once', 1, [begin(0, 'a', 1), begin(10, 'b', 2), end(20, 'a', 1)], []],
    ['a killed one keeps its slot', 1, [begin(0, 'a', 1), killed(10, 'a'), begin(900, 'b', 2)], []],
    ['until its lease lapsed', 0, [begin(0, 'a', 1), killed(10, 'a'), begin(1_001, 'b', 2)], []],
    [
      'a renewal in the rows keeps it longer',
      1,
      [begin(0, 'a', 1), killed(600, 'a'), begin(1_200, 'b', 2)],
      [{ at: 500, queueId: 1, leaseUntil: 1_500 }],
    ],
    [
      'a lease that was granted anew is not the old one',
      0,
      [begin(0, 'a', 1), stopped(10, 'a'), begin(1_050, 'b', 1, 2), end(2_500, 'a', 1)],
      [{ at: 1_040, queueId: 1, leaseUntil: 2_040 }],
    ],
    ['a cancelled one may be free', 0, [begin(0, 'a', 1), cancel(5, 1), begin(10, 'b', 2)], [], [1]],
    [
      'one that was asked to be cancelled and was not',
      1,
      [begin(0, 'a', 1), cancel(5, 1), begin(10, 'b', 2)],
      [],
    ],
    ['the same generation twice', 1, [begin(0, 'a', 1), begin(10, 'b', 1, 2)], []],
  ]
  it.each(CASES)('%s: %i', (_, over, entries, samples, cancelled) => {
    expect(judgeCap(runs(entries, samples, cancelled), { m: 1 }).overCap).toHaveLength(over)
  })

  it('counts handlers that run on after their lease', () => {
    const entries = [begin(0, 'a', 1), stopped(10, 'a'), end(1_500, 'a', 1)]
    expect(judgeCap(runs(entries), { m: 1 })).toMatchObject({ late: 1, starts: 1, most: { m: 1 } })
  })
})

describe('recovery', () => {
  it('is the time from the kill until the slot starts another', () => {
    const entries = [begin(0, 'a', 1), killed(100, 'a'), begin(1_050, 'b', 2)]
    expect(judgeRecovery(runs(entries), { m: 1 })).toEqual([
      { by: 'kill', modelId: 'm', goneAt: 100, tookMs: 950 },
    ])
  })

  it('does not take another slot for the missing one', () => {
    const entries = [
      begin(0, 'a', 1),
      begin(1, 'b', 2),
      killed(100, 'a'),
      end(200, 'b', 2),
      begin(210, 'b', 3),
      begin(1_100, 'c', 4),
      end(1_150, 'b', 3),
    ]
    expect(judgeRecovery(runs(entries), { m: 2 })).toMatchObject([{ goneAt: 100, tookMs: 1_000 }])
  })

  it('takes the new begin of the generation itself for a proof, while other slots are idle', () => {
    const entries = [begin(0, 'a', 1), killed(100, 'a'), begin(1_200, 'b', 1, 2)]
    expect(judgeRecovery(runs(entries), { m: 5 })).toMatchObject([{ goneAt: 100, tookMs: 1_100 }])
    const other = [begin(0, 'a', 1), killed(100, 'a'), begin(1_200, 'b', 2)]
    expect(judgeRecovery(runs(other), { m: 5 })).toMatchObject([{ tookMs: null }])
  })

  it('tells of a slot that never came back, and of stops apart', () => {
    const entries = [begin(0, 'a', 1), stopped(100, 'a')]
    expect(judgeRecovery(runs(entries), { m: 1 })).toMatchObject([{ by: 'stop', tookMs: null }])
  })

  it('has quantiles of what there is', () => {
    expect(quantile([3, 1, 2], 0.5)).toBe(2)
    expect(quantile([3, 1, 2], 0.99)).toBe(3)
    expect(quantile([], 0.5)).toBeNull()
  })
})

describe('books', () => {
  const line = (kind: string, amount: number, queueId: number | null = 1): StoredLine => ({
    userId: 'ada',
    kind,
    amount,
    queueId,
    key: queueId === null ? 'g' : null,
  })
  const entries: readonly Entry[] = [
    at(0, 'o', { what: 'grant', id: 'g', userId: 'ada', amount: 10 }),
    at(1, 'o', { what: 'granted', id: 'g' }),
    at(2, 'p', { what: 'want', key: 'k', userId: 'ada', modelId: 'm', cost: 3 }),
    at(3, 'p', { what: 'got', key: 'k', queueId: 1, again: false }),
    begin(4, 'w', 1),
    end(5, 'w', 1),
    at(6, 'w', { what: 'told', queueId: 1, attempt: 1, end: 'completed' }),
  ]
  const generation = { queueId: 1, userId: 'ada', key: 'k', modelId: 'm', status: 'completed' }
  const books: StoredBooks = {
    generations: [generation],
    ledger: [line('grant', 10, null), line('reserve', 3), line('capture', 2), line('refund', 1)],
    accounts: [{ userId: 'ada', balance: 8, reserved: 0 }],
    active: { m: 0 },
  }
  const report = (changed: Partial<StoredBooks>, more: readonly Entry[] = [], less = -1) => {
    const all = [...entries.filter((_, index) => index !== less), ...more]
    return judgeBooks(all, runs(all), { ...books, ...changed })
  }

  it('match when everything is as it was told', () => {
    expect(report({})).toEqual({ ended: { completed: 1 }, lost: [], doubled: [], tickets: [] })
  })

  const status = (value: string) => ({ generations: [{ ...generation, status: value }] })
  const told = (end: string) => at(7, 'x', { what: 'told', queueId: 1, attempt: 2, end })
  const BREACHES: readonly [string, 'lost' | 'doubled' | 'tickets', RegExp, ReturnType<typeof report>][] = [
    ['an accepted one is gone', 'lost', /not in the storage/, report({ generations: [] })],
    ['one never ends', 'lost', /never ended: queued/, report(status('queued'))],
    ['a slot stays taken', 'lost', /1 slots are counted/, report({ active: { m: 1 } })],
    ['one is told completed and is failed', 'lost', /told to be completed/, report(status('failed'))],
    ['one is cancelled by nobody', 'lost', /nobody did that/, report(status('cancelled'))],
    ['one completes without being made', 'lost', /nobody did that/, report({}, [], 5)],
    [
      'a cancel is told and is not',
      'lost',
      /told to be cancelled/,
      report({}, [cancel(3, 1), at(4, 'p', { what: 'cancelled', queueId: 1, code: null })]),
    ],
    [
      'one is of somebody else',
      'lost',
      /another user/,
      report({ generations: [{ ...generation, modelId: 'n' }] }),
    ],
    [
      'a key has two rows',
      'doubled',
      /stands 2 times/,
      report({ generations: [generation, { ...generation, queueId: 2 }] }),
    ],
    [
      'a key has two answers',
      'doubled',
      /1 and 2/,
      report({}, [at(4, 'p', { what: 'got', key: 'k', queueId: 2, again: false })]),
    ],
    ['nobody asked for it', 'doubled', /nobody asked/, report({}, [], 2)],
    ['two workers settled it', 'doubled', /settled by w and x/, report({}, [told('completed')])],
    [
      'it was captured twice',
      'doubled',
      /2 lines of capture/,
      report({ ledger: [...books.ledger, line('capture', 2)] }),
    ],
    ['too much was captured', 'tickets', /must have .*"capture":2/, report({ ledger: [line('capture', 3)] })],
    [
      'a balance is off by one',
      'tickets',
      /has 7 tickets, must have 8/,
      report({ accounts: [{ userId: 'ada', balance: 7, reserved: 0 }] }),
    ],
    [
      'a reservation stayed',
      'tickets',
      /reserved, and nothing is under way/,
      report({ accounts: [{ userId: 'ada', balance: 8, reserved: 3 }] }),
    ],
    ['an account is gone', 'tickets', /has no tickets/, report({ accounts: [] })],
    [
      'a grant is gone',
      'tickets',
      /grant g was told to be done/,
      report({ ledger: books.ledger.filter(({ kind }) => kind !== 'grant') }),
    ],
    [
      'a grant stands twice',
      'tickets',
      /grant g stands 2 times/,
      report({ ledger: [...books.ledger, line('grant', 10, null)] }),
    ],
    [
      'nobody granted it',
      'tickets',
      /nobody granted/,
      report({ ledger: [...books.ledger, { ...line('grant', 10, null), key: 'h' }] }),
    ],
  ]
  it.each(BREACHES)('%s: told under %s', (_, where, sentence, found) => {
    expect(found[where].join('\n')).toMatch(sentence)
  })
})
