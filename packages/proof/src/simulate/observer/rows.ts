import type { GenerationRow } from '@genqueue/core'
import type { Known } from './books.js'
import { type Law, Violation } from './violation.js'

type Field = readonly [Law, string, (known: Known) => unknown, (row: GenerationRow) => unknown]

/** What must stand in a row, and the law that is broken where it does not. */
const FIELDS: readonly Field[] = [
  [9, 'status', (k) => k.status, (r) => r.status],
  [9, 'attempt', (k) => k.attempt, (r) => r.attempt],
  [5, 'lease', (k) => k.token, (r) => r.leaseToken],
  [5, 'lease until', (k) => k.leaseUntil, (r) => r.leaseExpiresAt],
  [5, 'given back by', (k) => k.leftBy, (r) => r.releasedBy],
  [4, 'tickets used', (k) => k.used, (r) => r.ticketsUsed],
  [3, 'cost', (k) => k.cost, (r) => r.ticketCost],
  [2, 'priority', (k) => k.priority, (r) => r.priority],
  [2, 'queued at', (k) => k.queuedAt, (r) => r.queuedAt],
  [2, 'not before', (k) => k.notBefore, (r) => r.notBefore],
  [7, 'deadline', (k) => k.deadlineAt, (r) => r.deadlineAt],
  [6, 'settled at', (k) => k.settledAt, (r) => r.completedAt],
  [8, 'key', (k) => k.key, (r) => r.idempotencyKey],
  [8, 'fingerprint', (k) => k.fingerprint, (r) => r.fingerprint],
  ['contract', 'user', (k) => k.userId, (r) => r.userId],
  ['contract', 'model', (k) => k.modelId, (r) => r.modelId],
  ['contract', 'most attempts', (k) => k.maxAttempts, (r) => r.maxAttempts],
]

/** The row must say what the observer knows. */
export function compareRow(known: Known, row: GenerationRow | null | undefined): void {
  const { queueId, userId, modelId } = known
  const subject = { queueId, userId, modelId }
  if (row == null) throw new Violation(7, subject, `${known.status}, then gone`)
  for (const [law, what, should, is] of FIELDS) {
    const [a, b] = [should(known), is(row)]
    if (a !== b) throw new Violation(law, subject, `${what} is ${b}, must be ${a}`)
  }
}
