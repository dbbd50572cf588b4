import type { Account, GenerationRow, Limit } from '../generation.js'
import type { AdmitCommand, AdmitItem, Admitted, Refusal } from '../storage.js'
import { appendTimeline } from '../timeline.js'
import { type Change, moveTickets, refuse } from './change.js'

/** What the decision looks at, loaded by the storage. */
export interface AdmitSight {
  /** The row of this user and idempotency key. */
  readonly existing: GenerationRow | undefined
  readonly limit: Limit | undefined
  readonly account: Account | undefined
  /** Generations of the model that may start now but for the cap. */
  readonly waiting: number
  /** Those and the delayed ones. */
  readonly queued: number
  /** Called only when the item is admitted. */
  readonly nextQueueId: () => number
}

export type AdmitPlan =
  | { readonly kind: 'refused'; readonly refusal: Refusal }
  | { readonly kind: 'duplicate'; readonly row: GenerationRow }
  | { readonly kind: 'admitted'; readonly change: Change }

/** Decides one admission: refuse, recognise, queue, or start in a free slot that nobody waits for. */
export function planAdmit(item: AdmitItem, command: AdmitCommand, sight: AdmitSight, at: number): AdmitPlan {
  const { existing, limit, account } = sight
  if (existing !== undefined) {
    return existing.fingerprint === item.fingerprint
      ? { kind: 'duplicate', row: existing }
      : { kind: 'refused', refusal: refuse('idempotency_conflict', { queueId: existing.queueId }) }
  }
  if (limit === undefined) return { kind: 'refused', refusal: refuse('model_unknown') }
  const starts =
    item.leaseToken !== null && !limit.paused && limit.active < limit.maxConcurrent && sight.waiting === 0
  if (!starts && sight.queued >= command.maxQueued) return { kind: 'refused', refusal: refuse('queue_full') }
  const available = account === undefined ? 0 : account.balance - account.reserved
  if (item.ticketCost > available) {
    return { kind: 'refused', refusal: refuse('tickets_short', { available }) }
  }
  const move = starts ? command.started : command.queued
  const row = admittedRow(
    item,
    limit,
    sight.nextQueueId(),
    starts ? command.leaseMs : null,
    move.to,
    at,
    move.event,
  )
  const pays = item.ticketCost > 0 && account !== undefined
  return {
    kind: 'admitted',
    change: {
      move,
      at,
      before: null,
      row,
      used: 0,
      account: pays ? moveTickets(account, 1, item.ticketCost, 0) : null,
    },
  }
}

function admittedRow(
  item: AdmitItem,
  limit: Limit,
  queueId: number,
  leaseMs: number | null,
  status: GenerationRow['status'],
  at: number,
  event: Parameters<typeof appendTimeline>[1],
): GenerationRow {
  const started = leaseMs !== null
  return {
    queueId,
    userId: item.userId,
    modelId: item.modelId,
    modelType: item.modelType ?? limit.modelType,
    prompt: item.prompt,
    parameters: item.parameters,
    metadata: item.metadata,
    status,
    priority: item.priority,
    ticketCost: item.ticketCost,
    ticketsUsed: null,
    idempotencyKey: item.idempotencyKey,
    fingerprint: item.fingerprint,
    attempt: started ? 1 : 0,
    maxAttempts: item.maxAttempts,
    queuedAt: at,
    notBefore: null,
    maxWaitMs: item.maxWaitMs,
    deadlineAt: started || item.maxWaitMs === null ? null : at + item.maxWaitMs,
    startedAt: started ? at : null,
    completedAt: null,
    leaseToken: started ? item.leaseToken : null,
    leaseExpiresAt: started ? at + leaseMs : null,
    releasedBy: null,
    progress: null,
    resultUrl: null,
    output: null,
    errorMessage: null,
    timeline: appendTimeline('', event, at),
  }
}

/** The answer to an admission; the lease is told only to the item whose token holds it. */
export function admitted(
  row: GenerationRow,
  item: AdmitItem,
  position: number | null,
  duplicate: boolean,
): Admitted {
  const holds = row.leaseToken !== null && row.leaseToken === item.leaseToken
  return {
    ok: true,
    duplicate,
    queueId: row.queueId,
    status: row.status,
    modelType: row.modelType,
    attempt: row.attempt,
    position,
    queuedAt: row.queuedAt,
    startedAt: row.startedAt,
    leaseToken: holds ? row.leaseToken : null,
    leaseExpiresAt: holds ? row.leaseExpiresAt : null,
  }
}
