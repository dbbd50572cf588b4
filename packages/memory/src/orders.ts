import type { GenerationRow } from '@genqueue/core'

/** The orders of the sets; none answers 0 for two different members. */
export const byId = (a: number, b: number): number => a - b
export const byText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)

// By one of the times of a row, then by id. Written out, because a comparison runs a dozen times in every move.
export const byNotBefore = (a: GenerationRow, b: GenerationRow): number =>
  (a.notBefore as number) - (b.notBefore as number) || a.queueId - b.queueId
export const byLeaseExpiry = (a: GenerationRow, b: GenerationRow): number =>
  (a.leaseExpiresAt as number) - (b.leaseExpiresAt as number) || a.queueId - b.queueId
export const byDeadline = (a: GenerationRow, b: GenerationRow): number =>
  (a.deadlineAt as number) - (b.deadlineAt as number) || a.queueId - b.queueId
export const byCompletion = (a: GenerationRow, b: GenerationRow): number =>
  (a.completedAt as number) - (b.completedAt as number) || a.queueId - b.queueId
