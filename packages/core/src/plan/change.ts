import {
  type Account,
  type GenerationRow,
  HOUR_MS,
  type LedgerEntry,
  type LedgerKind,
  type RollupFact,
} from '../generation.js'
import { histogramBin } from '../histogram.js'
import type { Move } from '../rules.js'
import type { Refusal } from '../storage.js'

/** A ledger line before the storage numbers it. */
export type LedgerLine = Omit<LedgerEntry, 'entryId'>

/** All that one accepted item changes. A storage writes it whole or not at all. */
export interface Change {
  readonly row: GenerationRow
  readonly before: GenerationRow | null
  /** Change of the model's taken slots. */
  readonly slot: -1 | 0 | 1
  /** The user's account after it; null when no ticket moves. */
  readonly account: Account | null
  readonly lines: readonly LedgerLine[]
  readonly facts: readonly RollupFact[]
  /** An attempt that ended by itself held its slot this long; null otherwise. */
  readonly runMs: number | null
}

export const refuse = (code: Refusal['code'], seen: Partial<Refusal> = {}): Refusal => ({
  ...seen,
  ok: false,
  code,
})

const NO_LINES: readonly LedgerLine[] = Object.freeze([])

/** The account after a reservation of `cost` (`reserve` 1) or its settling (`reserve` -1) with `used` captured. */
export function moveTickets(account: Account, reserve: -1 | 1, cost: number, used: number): Account {
  return {
    userId: account.userId,
    balance: account.balance - used,
    reserved: account.reserved + reserve * cost,
    granted: account.granted,
    captured: account.captured + used,
  }
}

/** The ledger lines of that move: a reservation, or a capture and a refund of what was reserved. */
export function ticketLines(
  before: Account,
  row: { queueId: number; ticketCost: number },
  reserve: -1 | 0 | 1,
  used: number,
  at: number,
): readonly LedgerLine[] {
  if (reserve === 0 || row.ticketCost === 0) return NO_LINES
  const { balance, reserved } = before
  const cost = row.ticketCost
  if (reserve === 1) return [ticketLine('reserve', cost, balance, reserved + cost, before, row, at)]
  const captured =
    used > 0 ? ticketLine('capture', used, balance - used, reserved - used, before, row, at) : null
  const refunded =
    used < cost ? ticketLine('refund', cost - used, balance - used, reserved - cost, before, row, at) : null
  // Literals, not pushes: growing an empty array takes room for seventeen, in every settle.
  if (captured === null) return refunded === null ? NO_LINES : [refunded]
  return refunded === null ? [captured] : [captured, refunded]
}

function ticketLine(
  kind: LedgerKind,
  amount: number,
  balance: number,
  reserved: number,
  before: Account,
  row: { queueId: number },
  at: number,
): LedgerLine {
  const { userId } = before
  return { userId, at, kind, amount, balance, reserved, queueId: row.queueId, key: null, memo: null }
}

/** What the hourly rollups learn from one move; times are measured on the row as it was before. */
export function rollupFacts(
  move: Move,
  before: GenerationRow | null,
  row: GenerationRow,
  used: number,
  at: number,
): RollupFact[] {
  const { modelId } = row
  const hour = Math.floor(at / HOUR_MS) * HOUR_MS
  const event = fact(modelId, hour, move.event, 0, 0)
  if (move.slot === 1) {
    if (row.attempt !== 1) return [event]
    const waitMs = Math.max(0, at - row.queuedAt)
    return [event, fact(modelId, hour, 'wait', histogramBin(waitMs), waitMs)]
  }
  const runMs = measuredRunMs(move, before, at)
  const facts = runMs === null ? [event] : [event, fact(modelId, hour, 'run', histogramBin(runMs), runMs)]
  if (move.reserve !== -1) return facts
  const refunded = row.ticketCost - used
  if (used > 0) facts.push(fact(modelId, hour, 'captured', 0, used))
  if (refunded > 0) facts.push(fact(modelId, hour, 'refunded', 0, refunded))
  return facts
}

const fact = (
  modelId: string,
  hour: number,
  measure: RollupFact['measure'],
  bin: number,
  sum: number,
): RollupFact => ({ modelId, hour, measure, bin, count: 1, sum })

export function measuredRunMs(move: Move, before: GenerationRow | null, at: number): number | null {
  if (!move.measuresRun || before === null || before.startedAt === null) return null
  return Math.max(0, at - before.startedAt)
}
