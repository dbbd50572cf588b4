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
  return {
    queueId: row.queueId,
    userId: row.userId,
    modelId: row.modelId,
    modelType: row.modelType,
    prompt: row.prompt,
    parameters: row.parameters === '{}' ? {} : decodeJson(row.parameters),
    metadata: decodeJson(row.metadata),
    status: row.status,
    priority: row.priority,
    ticketCost: row.ticketCost,
    ticketsUsed: row.ticketsUsed,
    idempotencyKey: row.idempotencyKey,
    attempt: row.attempt,
    maxAttempts: row.maxAttempts,
    queuedAt: row.queuedAt,
    notBefore: row.notBefore,
    deadlineAt: row.deadlineAt,
    startedAt: row.startedAt,
    completedAt: row.completedAt,
    leaseExpiresAt: row.leaseExpiresAt,
    progress: row.progress,
    resultUrl: row.resultUrl,
    output: decodeJson(row.output),
    errorMessage: row.errorMessage,
    timeline: parseTimeline(row.timeline),
  }
}
