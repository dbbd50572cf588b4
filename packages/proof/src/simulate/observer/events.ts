import type { ApplyItem, Status } from '@genqueue/core'
import type { Known } from './books.js'

/**
 * What may become of a generation, written down from the architecture's table and not from core's: the two are compared
 * by every step of every run.
 */
interface Rule {
  readonly from: readonly Status[]
  readonly to: Status
  /** `token`: one that is given must be the current one; `lapse`: and its time must be over. */
  readonly needs?: 'token' | 'lapse' | 'overdue'
  readonly attempts?: 'left' | 'spent'
  readonly tickets: 'keep' | 'capture' | 'refund' | 'reserve'
  readonly attempt?: 'given back' | 'from zero'
}

export const EVENT_RULES: Readonly<Record<string, Rule>> = {
  complete: { from: ['processing'], to: 'completed', needs: 'token', tickets: 'capture' },
  fail: { from: ['processing'], to: 'failed', needs: 'token', tickets: 'refund' },
  retryLater: { from: ['processing'], to: 'queued', needs: 'token', attempts: 'left', tickets: 'keep' },
  yield: { from: ['processing'], to: 'queued', needs: 'token', tickets: 'keep', attempt: 'given back' },
  reclaim: { from: ['processing'], to: 'queued', needs: 'lapse', attempts: 'left', tickets: 'keep' },
  giveUp: { from: ['processing'], to: 'failed', needs: 'lapse', attempts: 'spent', tickets: 'refund' },
  cancel: { from: ['queued', 'processing'], to: 'cancelled', tickets: 'refund' },
  expire: { from: ['queued'], to: 'failed', needs: 'overdue', tickets: 'refund' },
  resubmit: { from: ['failed', 'cancelled'], to: 'queued', tickets: 'reserve', attempt: 'from zero' },
}

export type Hindrance = 'status' | 'token' | 'time' | 'attempts'

/** Why the event may not happen now, or null. */
export function hindrance(name: string, known: Known, item: ApplyItem, at: number): Hindrance | null {
  const rule = EVENT_RULES[name]
  if (rule === undefined || !rule.from.includes(known.status)) return 'status'
  const { needs, attempts } = rule
  if (needs === 'token' || needs === 'lapse') {
    if (item.token !== null && item.token !== known.token) return 'token'
    if (needs === 'lapse' && !(known.leaseUntil !== null && known.leaseUntil <= at)) return 'time'
  }
  if (needs === 'overdue' && !(known.deadlineAt !== null && known.deadlineAt <= at)) return 'time'
  if (attempts === undefined) return null
  return (attempts === 'left') === known.attempt < known.maxAttempts ? null : 'attempts'
}

/** Names of the events that an item's moves belong to, in order. */
export const eventsOf = (item: ApplyItem): string[] => [...new Set(item.moves.map(({ event }) => event))]
