import type { GenerationRow } from '../generation.js'
import type { Refusal, RenewCommand } from '../storage.js'
import { refuse } from './change.js'

/** The renewed row, or why the lease is no longer this token's. A lapsed lease that nobody took may be renewed. */
export function planRenew(
  item: RenewCommand['items'][number],
  row: GenerationRow | undefined,
  leaseMs: number,
  at: number,
): GenerationRow | Refusal {
  if (row === undefined) return refuse('generation_unknown')
  if (row.leaseToken === null) return refuse('status_mismatch', { status: row.status })
  if (row.leaseToken !== item.token) return refuse('lease_mismatch', { status: row.status })
  return { ...row, leaseExpiresAt: at + leaseMs, progress: item.progress ?? row.progress }
}
