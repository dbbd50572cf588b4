import type { EventName, Status } from './rules.js'

/** JSON as it may stand in `parameters`, `metadata` and `output`. */
export type Json = string | number | boolean | null | Json[] | { [key: string]: Json }

/**
 * A generation as a storage keeps it. Times are epoch milliseconds of the storage's clock; `parameters`,
 * `metadata` and `output` are JSON text. Rows are values: a storage replaces a row, it never edits one.
 */
export interface GenerationRow {
  readonly queueId: number
  readonly userId: string
  readonly modelId: string
  readonly modelType: string
  readonly prompt: string
  readonly parameters: string
  readonly metadata: string | null
  readonly status: Status
  /** Higher starts first; -1000 to 1000. */
  readonly priority: number
  /** Tickets reserved while it is queued or processing. */
  readonly ticketCost: number
  /** Tickets captured when it settled; null while it lives. */
  readonly ticketsUsed: number | null
  readonly idempotencyKey: string
  /** Hash of the payload when the caller gave the key; empty when core made the key. */
  readonly fingerprint: string
  /** Attempts started so far, the running one included. */
  readonly attempt: number
  readonly maxAttempts: number
  /** With `priority`, its place in the order; a retry after a failure keeps it, a resubmit sets it anew. */
  readonly queuedAt: number
  /** Not to be started before this time; null: at once. */
  readonly notBefore: number | null
  readonly maxWaitMs: number | null
  /** Fails when it has not started by then; null: waits for ever. Cleared by the first start. */
  readonly deadlineAt: number | null
  /** Start of the latest attempt. */
  readonly startedAt: number | null
  /** Time of the settle. */
  readonly completedAt: number | null
  readonly leaseToken: string | null
  readonly leaseExpiresAt: number | null
  /** Token of whoever gave the slot back or settled it ('' without one): tells a replay from a stranger. */
  readonly releasedBy: string | null
  /** 0 to 1, as its handler reported it. */
  readonly progress: number | null
  readonly resultUrl: string | null
  readonly output: string | null
  readonly errorMessage: string | null
  /** What happened to it, oldest first: `event@time,` each; see timeline.ts. */
  readonly timeline: string
}

/** A user's tickets. Always `0 <= reserved <= balance` and `balance = granted - captured`. */
export interface Account {
  readonly userId: string
  readonly balance: number
  readonly reserved: number
  /** Sum of all grants less all revocations. */
  readonly granted: number
  /** Sum of all captures. */
  readonly captured: number
}

export type LedgerKind = 'grant' | 'revoke' | 'reserve' | 'capture' | 'refund'

/** One line of a user's ticket history; `balance` and `reserved` are those after it. */
export interface LedgerEntry {
  /** Increasing in the order of writing; unique within the storage. */
  readonly entryId: number
  readonly userId: string
  readonly at: number
  readonly kind: LedgerKind
  /** Tickets moved, 1 or more. */
  readonly amount: number
  readonly balance: number
  readonly reserved: number
  /** The generation it belongs to; null for grants and revocations. */
  readonly queueId: number | null
  /** Idempotency key of a grant or revocation. */
  readonly key: string | null
  readonly memo: string | null
}

/** A model and its limit. `active` counts the slots taken. */
export interface Limit {
  readonly modelId: string
  readonly modelType: string
  readonly maxConcurrent: number
  readonly paused: boolean
  readonly active: number
  readonly updatedAt: number
}

/**
 * One increment of an hourly rollup. `measure` is an event name (count of events), `wait` (queued to first
 * start) or `run` (slot held by an attempt that ended by itself) with a histogram bin and the sum in
 * milliseconds, or `captured` or `refunded` with the sum in tickets.
 */
export interface RollupFact {
  readonly modelId: string
  /** Start of the hour, epoch milliseconds. */
  readonly hour: number
  readonly measure: EventName | 'wait' | 'run' | 'captured' | 'refunded'
  readonly bin: number
  readonly count: number
  readonly sum: number
}

export const HOUR_MS = 3_600_000
