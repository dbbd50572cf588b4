import type { Account, GenerationRow } from '../generation.js'
import type { Move } from '../rules.js'
import type { ApplyCommand, ApplyItem, Refusal } from '../storage.js'
import { appendTimeline } from '../timeline.js'
import { type Change, moveTickets, refuse } from './change.js'

/** What the decision looks at, loaded by the storage. */
export interface ApplySight {
  readonly row: GenerationRow | undefined
  readonly account: Account | undefined
  /** Waiting and delayed generations of the row's model. */
  readonly queued: number
}

export type ApplyPlan =
  | { readonly kind: 'refused'; readonly refusal: Refusal }
  | { readonly kind: 'repeated'; readonly row: GenerationRow; readonly event: Move['event'] }
  | { readonly kind: 'changed'; readonly change: Change; readonly event: Move['event'] }

const refused = (refusal: Refusal): ApplyPlan => ({ kind: 'refused', refusal })

/** Decides one guarded move: the first of `item.moves` that fits, a replay of the settle that won, or a refusal. */
export function planApply(item: ApplyItem, command: ApplyCommand, sight: ApplySight, at: number): ApplyPlan {
  const { row } = sight
  if (row === undefined) return refused(refuse('generation_unknown'))
  const match = matchMove(item, row, at)
  if (match.move === null) {
    const repeated = item.moves.find((m) => m.to === row.status && row.releasedBy === (item.token ?? ''))
    if (repeated !== undefined) return { kind: 'repeated', row, event: repeated.event }
    return refused(refuse(match.code, { status: row.status }))
  }
  const { move } = match
  if (move.fromPlace === 'done' && move.toPlace === 'waiting' && sight.queued >= command.maxQueued) {
    return refused(refuse('queue_full', { status: row.status }))
  }
  const used = capturedTickets(move, item, row)
  if (used > row.ticketCost) return refused(refuse('tickets_over', { status: row.status }))
  const available = sight.account === undefined ? 0 : sight.account.balance - sight.account.reserved
  if (move.reserve === 1 && row.ticketCost > available) {
    return refused(refuse('tickets_short', { status: row.status, available }))
  }
  return { kind: 'changed', event: move.event, change: changeOf(move, item, row, sight.account, used, at) }
}

/** Tickets captured by this move; 0 when it settles nothing. */
function capturedTickets(move: Move, item: ApplyItem, row: GenerationRow): number {
  if (move.reserve !== -1) return 0
  return item.ticketsUsed ?? (move.capture === 1 ? row.ticketCost : 0)
}

type Match =
  | { readonly move: Move }
  | { readonly move: null; readonly code: 'status_mismatch' | 'lease_mismatch' | 'not_due' }

/** The first move that fits; without one, why the nearest did not: its lease or time rather than the status. */
function matchMove(item: ApplyItem, row: GenerationRow, at: number): Match {
  let code: 'status_mismatch' | 'lease_mismatch' | 'not_due' = 'status_mismatch'
  for (const move of item.moves) {
    if (move.from !== row.status) continue
    const failed = failedGuard(move, item.token, row, at)
    if (failed === null) {
      if (attemptsFit(move, row)) return { move }
    } else code = failed
  }
  return { move: null, code }
}

function failedGuard(
  move: Move,
  token: string | null,
  row: GenerationRow,
  at: number,
): 'lease_mismatch' | 'not_due' | null {
  if (move.guard === 'none') return null
  if (move.guard === 'overdue') return row.deadlineAt !== null && row.deadlineAt <= at ? null : 'not_due'
  if (token !== null && token !== row.leaseToken) return 'lease_mismatch'
  if (move.guard === 'held') return null
  return row.leaseExpiresAt !== null && row.leaseExpiresAt <= at ? null : 'not_due'
}

function attemptsFit(move: Move, row: GenerationRow): boolean {
  if (move.attempts === 'any') return true
  return (move.attempts === 'left') === row.attempt < row.maxAttempts
}

function changeOf(
  move: Move,
  item: ApplyItem,
  row: GenerationRow,
  account: Account | undefined,
  used: number,
  at: number,
): Change {
  const pays = row.ticketCost > 0 && move.reserve !== 0 && account !== undefined
  return {
    move,
    at,
    before: row,
    row: movedRow(move, item, row, used, at),
    used,
    account: pays ? moveTickets(account, move.reserve as -1 | 1, row.ticketCost, used) : null,
  }
}

function movedRow(move: Move, item: ApplyItem, row: GenerationRow, used: number, at: number): GenerationRow {
  const anew = move.fromPlace === 'done'
  const settles = move.toPlace === 'done'
  return {
    ...row,
    status: move.to,
    ticketsUsed: settles ? used : null,
    attempt: move.attempt === 'reset' ? 0 : move.attempt === 'uncount' ? row.attempt - 1 : row.attempt,
    queuedAt: anew ? at : row.queuedAt,
    notBefore: !settles && item.delayMs > 0 ? at + item.delayMs : null,
    deadlineAt: anew && row.maxWaitMs !== null ? at + row.maxWaitMs : anew || settles ? null : row.deadlineAt,
    startedAt: anew ? null : row.startedAt,
    completedAt: settles ? at : null,
    leaseToken: null,
    leaseExpiresAt: null,
    releasedBy: anew ? null : (item.token ?? ''),
    progress: settles ? row.progress : null,
    resultUrl: anew ? null : (item.resultUrl ?? row.resultUrl),
    output: anew ? null : (item.output ?? row.output),
    errorMessage: anew ? null : (item.errorMessage ?? row.errorMessage),
    timeline: appendTimeline(row.timeline, move.event, at),
  }
}
