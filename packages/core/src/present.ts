import type { GenerationRow, Json } from './generation.js'
import type { Status } from './rules.js'
import { decodeJson } from './schemas/request.js'
import { parseTimeline, type TimelineEntry } from './timeline.js'

/** A generation as users see it. Times are epoch milliseconds. Never carries the lease token. */
export interface Generation {
  readonly queueId: number
  readonly userId: string
  readonly modelId: string
  readonly modelType: string
  readonly prompt: string
  readonly parameters: Json
  readonly metadata: Json
  readonly status: Status
  readonly priority: number
  readonly ticketCost: number
  /** Tickets captured when it settled; null while it lives. */
  readonly ticketsUsed: number | null
  readonly idempotencyKey: string
  /** Attempts started so far. */
  readonly attempt: number
  readonly maxAttempts: number
  readonly queuedAt: number
  readonly notBefore: number | null
  readonly deadlineAt: number | null
  readonly startedAt: number | null
  readonly completedAt: number | null
  readonly leaseExpiresAt: number | null
  readonly progress: number | null
  readonly resultUrl: string | null
  readonly output: Json
  readonly errorMessage: string | null
  readonly timeline: readonly TimelineEntry[]
}

export function presentGeneration(row: GenerationRow): Generation {
  const { fingerprint: _f, leaseToken: _t, releasedBy: _r, maxWaitMs: _m, ...rest } = row
  return {
    ...rest,
    parameters: decodeJson(row.parameters),
    metadata: decodeJson(row.metadata),
    output: decodeJson(row.output),
    timeline: parseTimeline(row.timeline),
  }
}
