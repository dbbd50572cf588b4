import { GenqueueError } from './errors.js'
import { CLEARABLE } from './rules.js'
import type { Refusal } from './storage.js'

/** What a refused call was about, for its message. */
export interface RefusedCall {
  /** `complete`, `cancel`, ... */
  readonly doing: string
  readonly queueId?: number
  readonly modelId?: string
  readonly userId?: string
  readonly ticketCost?: number
  readonly maxQueued?: number
}

type Explain = (call: RefusedCall, refusal: Refusal) => GenqueueError

const generation = (call: RefusedCall) => `generation ${call.queueId}`
const owner = (call: RefusedCall) => (call.userId === undefined ? 'its user' : `user "${call.userId}"`)

/** Every refusal of a storage as the error that users see: the value, the rule and the way out. */
const EXPLAIN: Readonly<Record<Refusal['code'], Explain>> = {
  tickets_short: (call, { available = 0 }) =>
    new GenqueueError(
      'INSUFFICIENT_TICKETS',
      `${call.doing}: ${owner(call)} has ${available} available tickets` +
        `${call.ticketCost === undefined ? ', fewer than needed' : `, ${call.ticketCost} are needed`}; grant tickets first`,
    ),
  tickets_over: (call) =>
    new GenqueueError(
      'VALIDATION',
      `${call.doing}: ticketsUsed is more than ${generation(call)} has reserved; use its ticketCost at most`,
    ),
  tickets_overflow: (call) =>
    new GenqueueError(
      'VALIDATION',
      `${call.doing}: the balance of ${owner(call)} would exceed 2147483647 tickets`,
    ),
  model_unknown: (call) =>
    new GenqueueError(
      'UNKNOWN_MODEL',
      `${call.doing}: model "${call.modelId}" has no limit; set one with queue.limits.set, or pass unknownModel to createQueue`,
    ),
  queue_full: (call) =>
    new GenqueueError(
      'QUEUE_FULL',
      `${call.doing}: ${call.maxQueued} generations of this model already wait; try again later or raise maxQueued`,
    ),
  idempotency_conflict: (call, { queueId }) =>
    new GenqueueError(
      'IDEMPOTENCY_CONFLICT',
      `${call.doing}: this idempotency key was used with another payload` +
        `${queueId === undefined ? '' : ` (generation ${queueId})`}; use a new key for a new request`,
    ),
  generation_unknown: (call) =>
    new GenqueueError(
      'GENERATION_NOT_FOUND',
      `${call.doing}: there is no ${generation(call)}; it may have been cleared`,
    ),
  status_mismatch: (call, { status }) =>
    new GenqueueError(
      'INVALID_TRANSITION',
      `${call.doing}: ${generation(call)} is ${status}, which does not allow it` +
        `${status !== undefined && CLEARABLE.includes(status) ? '; it is settled' : ''}`,
    ),
  lease_mismatch: (call) =>
    new GenqueueError(
      'LEASE_LOST',
      `${call.doing}: ${generation(call)} is held under another lease; nothing was changed, drop this attempt's result`,
    ),
  not_due: (call) =>
    new GenqueueError('INVALID_TRANSITION', `${call.doing}: it is not yet time for ${generation(call)}`),
  model_full: (call) =>
    new GenqueueError(
      'LIMIT_REACHED',
      `${call.doing}: no slot is free for ${generation(call)} and those ahead of it; wait for its turn`,
    ),
  model_paused: (call) =>
    new GenqueueError(
      'LIMIT_REACHED',
      `${call.doing}: the model of ${generation(call)} is paused; resume it first`,
    ),
}

export const refusalError = (refusal: Refusal, call: RefusedCall): GenqueueError =>
  EXPLAIN[refusal.code](call, refusal)
