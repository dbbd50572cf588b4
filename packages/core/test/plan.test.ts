import {
  ADMIT_STARTED,
  type ApplyItem,
  BALANCE_MAX,
  CLAIM,
  compareWaiting,
  EVENTS,
  type GenerationRow,
  ledgerLines,
  MOVES,
  measuredRunMs,
  planAdmit,
  planApply,
  planGrant,
  planLimit,
  planPost,
  planRenew,
  planStart,
  rollupFacts,
  STATUS_TABLE,
} from '@genqueue/core'
import { admitCommand, admitItem, applyCommand, applyItem, limitItem } from '@genqueue/core/testing'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'

const T0 = 1_700_000_000_000
const LIMIT = { modelId: 'm', modelType: 'image', maxConcurrent: 1, paused: false, active: 0, updatedAt: T0 }
const ACCOUNT = { userId: 'ada', balance: 10, reserved: 4, granted: 15, captured: 5 }

/** A sound row of ada's, four tickets, in a status. */
function rowIn(status: GenerationRow['status'], overrides: Partial<GenerationRow> = {}): GenerationRow {
  const sight = {
    existing: undefined,
    limit: LIMIT,
    account: { ...ACCOUNT, reserved: 0 },
    waiting: 0,
    queued: 0,
  }
  const item = admitItem({ ticketCost: 4 })
  const plan = planAdmit(item, admitCommand([item], T0), { ...sight, nextQueueId: () => 7 }, T0)
  if (plan.kind !== 'admitted') throw new Error(plan.kind)
  const { place } = STATUS_TABLE[status]
  const leased = { attempt: 1, startedAt: T0, leaseToken: 'mine', leaseExpiresAt: T0 + 100 }
  const done = { completedAt: T0, ticketsUsed: status === 'completed' ? 4 : 0, releasedBy: 'mine' }
  return {
    ...plan.change.row,
    ...(place === 'leased' ? leased : place === 'done' ? done : {}),
    status,
    ...overrides,
  }
}

const apply = (row: GenerationRow, item: ApplyItem, at = T0 + 50, account = ACCOUNT, queued = 0) =>
  planApply(item, applyCommand([item], at, { maxQueued: 5 }), { row, account, queued }, at)
const answer = (plan: ReturnType<typeof apply>) =>
  plan.kind === 'refused' ? plan.refusal.code : `${plan.kind} ${plan.event}`

describe('planApply', () => {
  type Line = [what: string, row: GenerationRow, item: ApplyItem, at: number, expected: string]
  const processing = rowIn('processing')
  const spent = rowIn('processing', { attempt: 3 })
  const table: Line[] = [
    ['status before lease', rowIn('queued'), applyItem(7, 'complete', { token: 'x' }), 0, 'status_mismatch'],
    ['lease before time', processing, applyItem(7, 'reclaim', { token: 'x' }), 50, 'lease_mismatch'],
    ['time before attempts', spent, applyItem(7, 'reclaim', { token: 'mine' }), 99, 'not_due'],
    ['attempts last', spent, applyItem(7, 'reclaim', { token: 'mine' }), 100, 'status_mismatch'],
    ['the first that fits', spent, applyItem(7, ['reclaim', 'giveUp']), 100, 'changed giveUp'],
    ['in the order given', processing, applyItem(7, ['reclaim', 'giveUp']), 100, 'changed reclaim'],
    ['a retry with no attempt left', spent, applyItem(7, 'retryLater'), 50, 'status_mismatch'],
    ['or else a failure', spent, applyItem(7, ['retryLater', 'fail']), 50, 'changed fail'],
    ['more than was reserved', processing, applyItem(7, 'fail', { ticketsUsed: 5 }), 50, 'tickets_over'],
    ['its own replay', rowIn('failed'), applyItem(7, 'fail', { token: 'mine' }), 50, 'repeated fail'],
    ['a replay by a stranger', rowIn('failed'), applyItem(7, 'fail', { token: 'x' }), 50, 'status_mismatch'],
    ['a replay without a token', rowIn('failed'), applyItem(7, 'fail'), 50, 'status_mismatch'],
    [
      'another settle of the winner',
      rowIn('failed'),
      applyItem(7, 'complete', { token: 'mine' }),
      50,
      'status_mismatch',
    ],
    [
      'a deadline that is near',
      rowIn('queued', { deadlineAt: T0 + 51 }),
      applyItem(7, 'expire'),
      50,
      'not_due',
    ],
    [
      'a deadline that is there',
      rowIn('queued', { deadlineAt: T0 + 50 }),
      applyItem(7, 'expire'),
      50,
      'changed expire',
    ],
    ['no deadline', rowIn('queued'), applyItem(7, 'expire'), 1e9, 'not_due'],
    ['nothing to do', processing, { ...applyItem(7, 'fail'), moves: [] }, 50, 'status_mismatch'],
  ]
  it.each(table)('%s', (_what, row, item, afterMs, expected) => {
    expect(answer(apply(row, item, T0 + afterMs))).toBe(expected)
  })

  it('resubmits only within the queue and the tickets', () => {
    const row = rowIn('failed')
    const item = applyItem(7, 'resubmit')
    expect(answer(apply(row, item, T0, ACCOUNT, 5))).toBe('queue_full')
    expect(apply(row, item, T0, { ...ACCOUNT, reserved: 7 })).toMatchObject({
      refusal: { code: 'tickets_short', available: 3, status: 'failed' },
    })
    const plan = apply(row, item, T0 + 9, { ...ACCOUNT, reserved: 6 }, 4)
    expect(plan).toMatchObject({
      change: { account: { reserved: 10 }, row: { queuedAt: T0 + 9, attempt: 0 } },
    })
  })

  it('moves slots, tickets, lines and facts together, whatever the row and the item', () => {
    const events = EVENTS.filter((event) => !['admit', 'admitStarted', 'claim'].includes(event))
    const item = fc.record({
      event: fc.constantFrom(...events),
      token: fc.constantFrom(null, 'mine', 'x'),
      ticketsUsed: fc.option(fc.nat({ max: 6 })),
      delayMs: fc.nat({ max: 1_000 }),
      spent: fc.boolean(),
    })
    const statuses = Object.keys(STATUS_TABLE) as GenerationRow['status'][]
    const changed = new Set<string>()
    fc.assert(
      fc.property(fc.constantFrom(...statuses), item, fc.nat({ max: 200 }), (status, drawn, afterMs) => {
        const { event, spent, ...outcome } = drawn
        const deadlineAt = status === 'queued' ? T0 + 100 : null
        const row = rowIn(status, { deadlineAt, ...(spent ? { attempt: 3 } : {}) })
        const plan = apply(row, applyItem(7, event, outcome), T0 + afterMs)
        if (plan.kind !== 'changed') return
        changed.add(event)
        const { change } = plan
        const [move] = MOVES[event].filter(({ from }) => from === status)
        const used = change.row.ticketsUsed ?? 0
        const after = change.account ?? ACCOUNT
        const [lines, facts] = [ledgerLines(change), rollupFacts(change)]
        expect(change.move).toBe(move)
        expect(after.reserved).toBe(ACCOUNT.reserved + (move?.reserve ?? 0) * 4)
        expect([after.balance, after.captured]).toEqual([ACCOUNT.balance - used, ACCOUNT.captured + used])
        const last = lines.at(-1)
        if (last) expect([last.balance, last.reserved]).toEqual([after.balance, after.reserved])
        const sum = (kind: string) => lines.filter((l) => l.kind === kind).reduce((n, l) => n + l.amount, 0)
        if (move?.reserve === -1) expect([sum('capture'), sum('refund')]).toEqual([used, 4 - used])
        else expect(sum('capture') + sum('refund')).toBe(0)
        expect(facts[0]).toMatchObject({ measure: event, count: 1, sum: 0 })
        expect(facts.some(({ measure }) => measure === 'run')).toBe(measuredRunMs(change) !== null)
        expect(change.before).toBe(row)
      }),
      { numRuns: 6_000 },
    )
    expect([...changed].sort()).toEqual([...events].sort())
  })
})

describe('planAdmit', () => {
  const decide = (item = admitItem({ leaseToken: 't' }), sight = {}, maxQueued = 5) => {
    const known = { existing: undefined, limit: LIMIT, account: ACCOUNT, waiting: 0, queued: 0 }
    const command = admitCommand([item], T0, { maxQueued })
    const plan = planAdmit(item, command, { ...known, nextQueueId: () => 1, ...sight }, T0)
    return plan.kind === 'refused'
      ? plan.refusal.code
      : plan.kind === 'duplicate'
        ? plan.kind
        : plan.change.row.status
  }
  const dear = admitItem({ ticketCost: 7 })
  it.each([
    ['a free slot that nobody waits for', decide(), 'processing'],
    ['no wish to start', decide(admitItem()), 'queued'],
    ['someone waiting', decide(undefined, { waiting: 1, queued: 1 }), 'queued'],
    ['only delayed ones before it', decide(undefined, { queued: 1 }), 'processing'],
    ['no slot', decide(undefined, { limit: { ...LIMIT, active: 1 } }), 'queued'],
    ['more taken than allowed', decide(undefined, { limit: { ...LIMIT, active: 9 } }), 'queued'],
    ['a pause', decide(undefined, { limit: { ...LIMIT, paused: true } }), 'queued'],
    ['a full queue', decide(admitItem(), { queued: 5 }), 'queue_full'],
    ['a full queue of delayed ones, and a slot', decide(undefined, { queued: 5 }), 'processing'],
    ['tickets, all of them', decide(admitItem({ ticketCost: 6 })), 'queued'],
    ['tickets, one too few', decide(dear), 'tickets_short'],
    ['a full queue before tickets', decide(dear, { queued: 5 }), 'queue_full'],
    ['an unknown model before both', decide(dear, { queued: 5, limit: undefined }), 'model_unknown'],
    [
      'its own row before all',
      decide(admitItem(), { existing: rowIn('failed'), limit: undefined }),
      'duplicate',
    ],
    [
      'its key for something else',
      decide(admitItem({ fingerprint: 'f' }), { existing: rowIn('failed'), limit: undefined }),
      'idempotency_conflict',
    ],
  ])('%s', (_what, actual, expected) => expect(actual).toBe(expected))

  it('takes an id only for what it admits', () => {
    const nextQueueId = () => {
      throw new Error('an id was taken')
    }
    expect(decide(dear, { nextQueueId })).toBe('tickets_short')
    expect(decide(admitItem(), { existing: rowIn('queued'), nextQueueId })).toBe('duplicate')
  })
})

describe('the other plans', () => {
  it('planStart refuses in this order', () => {
    const queued = rowIn('queued')
    const start = (row: GenerationRow | undefined, limit: typeof LIMIT | undefined, ahead = 0) =>
      planStart(row, limit, ahead, CLAIM, T0)?.code ?? 'ok'
    expect(start(undefined, undefined)).toBe('generation_unknown')
    expect(start(rowIn('processing'), undefined)).toBe('status_mismatch')
    expect(start(queued, undefined)).toBe('model_unknown')
    expect(start({ ...queued, notBefore: T0 + 1 }, { ...LIMIT, paused: true })).toBe('not_due')
    expect(start({ ...queued, notBefore: T0 }, { ...LIMIT, paused: true }, 1)).toBe('model_paused')
    expect(start(queued, LIMIT, 1)).toBe('model_full')
    expect(start(queued, { ...LIMIT, active: 3 })).toBe('model_full')
    expect(start(queued, { ...LIMIT, maxConcurrent: 2 }, 1)).toBe('ok')
  })

  it('planGrant counts a wait once: from queueing to the first start', () => {
    const measures = (attempt: number) =>
      rollupFacts(planGrant(rowIn('queued', { attempt }), 't', CLAIM, 100, T0 + 40)).map((fact) => [
        fact.measure,
        fact.sum,
      ])
    expect(measures(0)).toEqual([
      ['claim', 0],
      ['wait', 40],
    ])
    expect(measures(1)).toEqual([['claim', 0]])
    expect(ADMIT_STARTED.slot).toBe(1)
  })

  it('planPost keeps a balance between what is reserved and the highest', () => {
    const post = (amount: number, earlier?: { kind: 'grant' | 'revoke'; amount: number }) => {
      const plan = planPost({ userId: 'ada', amount, key: 'k', memo: null }, ACCOUNT, earlier, T0)
      return plan.kind === 'refused'
        ? plan.refusal.code
        : [plan.kind, plan.account.balance, plan.account.granted]
    }
    expect(post(-6)).toEqual(['posted', 4, 9])
    expect(post(-7)).toBe('tickets_short')
    expect(post(BALANCE_MAX - 10)).toEqual(['posted', BALANCE_MAX, 15 + BALANCE_MAX - 10])
    expect(post(BALANCE_MAX - 9)).toBe('tickets_overflow')
    expect(post(-6, { kind: 'revoke', amount: 6 })).toEqual(['repeated', 10, 15])
    expect(post(6, { kind: 'revoke', amount: 6 })).toBe('idempotency_conflict')
  })

  it('planLimit keeps what is not said, and the slots taken', () => {
    const known = { ...LIMIT, active: 1, paused: true }
    expect(planLimit(limitItem('m', { maxConcurrent: 9 }), known, T0 + 1)).toEqual({
      ...known,
      maxConcurrent: 9,
      updatedAt: T0 + 1,
    })
    expect(planLimit(limitItem('m', { onlyIfMissing: true, maxConcurrent: 9 }), known, T0 + 1)).toBe(known)
    expect(planLimit(limitItem('m', { paused: true }), undefined, T0)).toEqual({ ...LIMIT, paused: true })
  })

  it('planRenew asks only for the token', () => {
    const renew = (row: GenerationRow | undefined, token: string) =>
      planRenew({ queueId: 7, token, progress: null }, row, 100, T0 + 999)
    expect(renew(undefined, 'mine')).toMatchObject({ code: 'generation_unknown' })
    expect(renew(rowIn('cancelled'), 'mine')).toMatchObject({ code: 'status_mismatch', status: 'cancelled' })
    expect(renew(rowIn('processing'), 'x')).toMatchObject({ code: 'lease_mismatch' })
    const row = rowIn('processing', { progress: 0.5 })
    expect(renew(row, 'mine')).toEqual({ ...row, leaseExpiresAt: T0 + 1_099 })
  })

  it('compareWaiting is a total order: two rows are never equal', () => {
    const row = fc.record({
      priority: fc.integer({ min: -2, max: 2 }),
      queuedAt: fc.nat({ max: 3 }),
      queueId: fc.nat({ max: 1_000 }),
    })
    fc.assert(
      fc.property(row, row, row, (a, b, c) => {
        expect(Math.sign(compareWaiting(a, b))).toBe(0 - Math.sign(compareWaiting(b, a)))
        if (a.queueId !== b.queueId) expect(compareWaiting(a, b)).not.toBe(0)
        if (compareWaiting(a, b) < 0 && compareWaiting(b, c) < 0) expect(compareWaiting(a, c)).toBeLessThan(0)
      }),
    )
  })
})
