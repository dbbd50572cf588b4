import { HOUR_MS, type LedgerEntry, type LedgerKind, type RollupFact } from '../generation.js'
import { histogramBin } from '../histogram.js'
import type { Change } from './change.js'

/** A ledger line before the storage numbers it. */
export type LedgerLine = Omit<LedgerEntry, 'entryId'>

/** Takes the ledger lines of a change, in their order, as numbers: several come with every life. */
export interface LineTaker {
  takeLine(change: Change, kind: LedgerKind, amount: number, balance: number, reserved: number): void
}

/** Takes what the hourly rollups learn from a change; each counts as one. */
export interface FactTaker {
  takeFact(measure: RollupFact['measure'], modelId: string, hour: number, bin: number, sum: number): void
}

/** The reservation, or the capture and the refund of what was reserved. */
export function giveLines(change: Change, to: LineTaker): void {
  const { move, row, used, account } = change
  if (account === null) return
  const { balance, reserved } = account
  if (move.reserve === 1) {
    to.takeLine(change, 'reserve', row.ticketCost, balance, reserved)
    return
  }
  const refunded = row.ticketCost - used
  if (used > 0) to.takeLine(change, 'capture', used, balance, reserved + refunded)
  if (refunded > 0) to.takeLine(change, 'refund', refunded, balance, reserved)
}

/** The same as a list. */
export function ledgerLines(change: Change): LedgerLine[] {
  const lines: LedgerLine[] = []
  const takeLine: LineTaker['takeLine'] = ({ row, at }, kind, amount, balance, reserved) => {
    const { userId, queueId } = row
    lines.push({ userId, at, kind, amount, balance, reserved, queueId, key: null, memo: null })
  }
  giveLines(change, { takeLine })
  return lines
}

/** What the hourly rollups learn from one move; times are measured on the row as it was before. */
export function giveFacts(change: Change, to: FactTaker): void {
  const { move, row, used, at } = change
  const { modelId } = row
  const hour = Math.floor(at / HOUR_MS) * HOUR_MS
  to.takeFact(move.event, modelId, hour, 0, 0)
  if (move.slot === 1) {
    if (row.attempt !== 1) return
    const waitMs = Math.max(0, at - row.queuedAt)
    to.takeFact('wait', modelId, hour, histogramBin(waitMs), waitMs)
    return
  }
  const runMs = measuredRunMs(change)
  if (runMs !== null) to.takeFact('run', modelId, hour, histogramBin(runMs), runMs)
  if (move.reserve !== -1) return
  const refunded = row.ticketCost - used
  if (used > 0) to.takeFact('captured', modelId, hour, 0, used)
  if (refunded > 0) to.takeFact('refunded', modelId, hour, 0, refunded)
}

/** The same as a list. */
export function rollupFacts(change: Change): RollupFact[] {
  const facts: RollupFact[] = []
  const takeFact: FactTaker['takeFact'] = (measure, modelId, hour, bin, sum) =>
    void facts.push({ modelId, hour, measure, bin, count: 1, sum })
  giveFacts(change, { takeFact })
  return facts
}

/** How long an attempt that ended by itself held its slot; null for all else. */
export function measuredRunMs({ move, before, at }: Change): number | null {
  if (!move.measuresRun || before === null || before.startedAt === null) return null
  return Math.max(0, at - before.startedAt)
}
