import type { GenerationRow } from '@genqueue/core'

export type Writable<Type> = { -readonly [Key in keyof Type]: Type[Key] }

/**
 * A row as this storage keeps it: one object from admission to removal, edited in place and never handed out. A new object a
 * move would leave two thirds of all rows to the garbage collector when they have grown old, where that costs most.
 */
export type StoredRow = Writable<GenerationRow>

/** All that a move or a renewal may change. */
export function overwrite(row: StoredRow, after: GenerationRow): void {
  row.status = after.status
  row.ticketsUsed = after.ticketsUsed
  row.attempt = after.attempt
  row.queuedAt = after.queuedAt
  row.notBefore = after.notBefore
  row.deadlineAt = after.deadlineAt
  row.startedAt = after.startedAt
  row.completedAt = after.completedAt
  row.leaseToken = after.leaseToken
  row.leaseExpiresAt = after.leaseExpiresAt
  row.releasedBy = after.releasedBy
  row.progress = after.progress
  row.resultUrl = after.resultUrl
  row.output = after.output
  row.errorMessage = after.errorMessage
  row.timeline = after.timeline
}

/** What is handed out: a value, whatever becomes of the row. */
export const copyOf = (row: StoredRow): GenerationRow => ({ ...row })
