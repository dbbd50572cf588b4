import type { GenerationRow, Limit } from '../generation.js'
import type { Move } from '../rules.js'
import type { Refusal } from '../storage.js'
import { appendTimeline } from '../timeline.js'
import { type Change, refuse } from './change.js'

/** Slots of the model that may be taken now. */
export function freeSlots(limit: Limit): number {
  return limit.paused ? 0 : Math.max(0, limit.maxConcurrent - limit.active)
}

/** A waiting row gets a slot and a lease. The caller has made sure that it may start. */
export function planGrant(
  row: GenerationRow,
  token: string,
  claim: Move,
  leaseMs: number,
  at: number,
): Change {
  const started: GenerationRow = {
    ...row,
    status: claim.to,
    attempt: row.attempt + 1,
    notBefore: null,
    deadlineAt: null,
    startedAt: at,
    leaseToken: token,
    leaseExpiresAt: at + leaseMs,
    releasedBy: null,
    progress: null,
    timeline: appendTimeline(row.timeline, claim.event, at),
  }
  return { move: claim, at, before: row, row: started, used: 0, account: null }
}

/** Whether a given generation may start out of turn of a claim: only within the free slots its order gives it. */
export function planStart(
  row: GenerationRow | undefined,
  limit: Limit | undefined,
  /** Generations of the model that may start and stand before it. */
  ahead: number,
  claim: Move,
  at: number,
): Refusal | null {
  if (row === undefined) return refuse('generation_unknown')
  if (row.status !== claim.from) return refuse('status_mismatch', { status: row.status })
  if (limit === undefined) return refuse('model_unknown')
  if (row.notBefore !== null && row.notBefore > at) return refuse('not_due', { status: row.status })
  if (limit.paused) return refuse('model_paused', { status: row.status })
  if (ahead >= freeSlots(limit)) return refuse('model_full', { status: row.status })
  return null
}
