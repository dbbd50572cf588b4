import { z } from 'zod'
import type { Randomness } from './runtime.js'
import type { RetryPolicy } from './settings.js'

/** No retry is put off longer, whatever an error asks for: a day. */
export const RETRY_AFTER_MS_MAX = 24 * 3_600_000

/** What an error may say about trying again; providers' SDKs and 429s do. */
const hintsSchema = z.looseObject({
  retryable: z.boolean().optional().catch(undefined),
  retryAfterMs: z.number().min(0).optional().catch(undefined),
})

/**
 * How long to wait before attempt `attempt + 1`, in milliseconds, or null when the error says not to try again.
 * Full jitter over an exponentially growing span: callers that failed together do not come back together.
 */
export function retryDelayMs(
  error: unknown,
  attempt: number,
  policy: RetryPolicy,
  randomness: Randomness,
): number | null {
  const hints = hintsSchema.safeParse(error instanceof Error ? { ...error } : error)
  if (hints.success && hints.data.retryable === false) return null
  const asked = hints.success ? hints.data.retryAfterMs : undefined
  if (asked !== undefined) return Math.min(Math.ceil(asked), RETRY_AFTER_MS_MAX)
  return jitterMs(attempt, policy, randomness)
}

export function jitterMs(attempt: number, policy: RetryPolicy, randomness: Randomness): number {
  const span = Math.min(policy.maxMs, policy.baseMs * 2 ** Math.min(attempt - 1, 30))
  return Math.floor(randomness.next() * span)
}
