import type { GenerationRow, Status } from '@genqueue/core'

/** A row of a raw query: 64-bit integers may come as bigint, booleans as 0 and 1. */
export type RawRow = Readonly<Record<string, unknown>>

export const toNumber = (value: unknown): number => Number(value)
export const toNumberOrNull = (value: unknown): number | null =>
  value === null || value === undefined ? null : Number(value)
const textOrNull = (value: unknown): string | null =>
  value === null || value === undefined ? null : String(value)

/** The columns of GenerationQueue that a GenerationRow is made of. */
export const ROW_COLUMNS = [
  'id',
  'userId',
  'modelId',
  'modelType',
  'prompt',
  'parameters',
  'metadata',
  'status',
  'priority',
  'ticketCost',
  'ticketsUsed',
  'idempotencyKey',
  'fingerprint',
  'attempt',
  'maxAttempts',
  'queuedAt',
  'notBefore',
  'maxWaitMs',
  'deadlineAt',
  'startedAt',
  'completedAt',
  'leaseToken',
  'leaseExpiresAt',
  'releasedBy',
  'progress',
  'resultUrl',
  'output',
  'errorMessage',
  'timeline',
] as const

export function toGenerationRow(raw: RawRow): GenerationRow {
  return {
    queueId: toNumber(raw.id),
    userId: String(raw.userId),
    modelId: String(raw.modelId),
    modelType: String(raw.modelType),
    prompt: String(raw.prompt),
    parameters: String(raw.parameters),
    metadata: textOrNull(raw.metadata),
    status: raw.status as Status,
    priority: toNumber(raw.priority),
    ticketCost: toNumber(raw.ticketCost),
    ticketsUsed: toNumberOrNull(raw.ticketsUsed),
    idempotencyKey: String(raw.idempotencyKey),
    fingerprint: String(raw.fingerprint),
    attempt: toNumber(raw.attempt),
    maxAttempts: toNumber(raw.maxAttempts),
    queuedAt: toNumber(raw.queuedAt),
    notBefore: toNumberOrNull(raw.notBefore),
    maxWaitMs: toNumberOrNull(raw.maxWaitMs),
    deadlineAt: toNumberOrNull(raw.deadlineAt),
    startedAt: toNumberOrNull(raw.startedAt),
    completedAt: toNumberOrNull(raw.completedAt),
    leaseToken: textOrNull(raw.leaseToken),
    leaseExpiresAt: toNumberOrNull(raw.leaseExpiresAt),
    releasedBy: textOrNull(raw.releasedBy),
    progress: toNumberOrNull(raw.progress),
    resultUrl: textOrNull(raw.resultUrl),
    output: textOrNull(raw.output),
    errorMessage: textOrNull(raw.errorMessage),
    timeline: String(raw.timeline),
  }
}

/** Where a row stands for the indexes: `waiting` is split, because what is delayed must not be in the way. */
export type StoredPlace = 'ready' | 'delayed' | 'leased' | 'done'

export function placeOf(row: GenerationRow): StoredPlace {
  if (row.completedAt !== null) return 'done'
  if (row.leaseToken !== null) return 'leased'
  return row.notBefore === null ? 'ready' : 'delayed'
}

/** The next time at which the row may have to be looked at: its lease, its delay or its deadline, the earliest. */
export function dueAtOf(row: GenerationRow): number | null {
  const times = [row.leaseExpiresAt, row.notBefore, row.deadlineAt].filter((time) => time !== null)
  return times.length === 0 ? null : Math.min(...times)
}
