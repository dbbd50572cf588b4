import { BALANCE_MAX } from '../plan/post.js'
import { ATTEMPTS_MAX, MAX_WAIT_MS_MAX, PRIORITY_MAX, type Sizes } from './sizes.js'
import { isStorableText, utf8Within } from './text.js'

/** A request that was found in order, its defaults filled in. */
export interface CheckedRequest {
  readonly userId: string
  readonly modelId: string
  readonly modelType?: string | null | undefined
  readonly prompt: string
  readonly parameters?: unknown
  readonly ticketCost: number
  readonly priority: number
  readonly idempotencyKey?: string | null | undefined
  readonly maxAttempts?: number | null | undefined
  readonly maxWaitMs?: number | null | undefined
  readonly metadata?: unknown
}

const FIELDS: ReadonlySet<string> = new Set<keyof CheckedRequest>([
  'userId',
  'modelId',
  'modelType',
  'prompt',
  'parameters',
  'ticketCost',
  'priority',
  'idempotencyKey',
  'maxAttempts',
  'maxWaitMs',
  'metadata',
])

/**
 * Recognises what nearly every request is, a plain object in order, without zod, which takes ten times as long and leaves
 * 900 bytes to collect. null says nothing of the request: the schema is asked then, and alone says what is wrong.
 */
export function readOrdinary(request: unknown, sizes: Sizes): CheckedRequest | null {
  if (typeof request !== 'object' || request === null) return null
  if (Object.getPrototypeOf(request) !== Object.prototype) return null
  for (const key in request) if (!FIELDS.has(key)) return null
  // Every field is read once: what was checked is what is used, whatever a getter says the second time.
  const fields = request as Readonly<Record<keyof CheckedRequest, unknown>>
  const { userId, modelId, modelType, prompt, parameters, idempotencyKey, metadata } = fields
  const { ticketCost = 1, priority = 0, maxAttempts, maxWaitMs } = fields
  const { idLength, promptBytes } = sizes
  if (!isId(userId, idLength) || !isId(modelId, idLength)) return null
  if (typeof prompt !== 'string' || !utf8Within(prompt, promptBytes) || !isStorableText(prompt)) return null
  if (modelType != null && !isId(modelType, idLength)) return null
  if (idempotencyKey != null && !isId(idempotencyKey, idLength)) return null
  if (!isWhole(ticketCost, 0, BALANCE_MAX) || !isWhole(priority, -PRIORITY_MAX, PRIORITY_MAX)) return null
  if (maxAttempts != null && !isWhole(maxAttempts, 1, ATTEMPTS_MAX)) return null
  if (maxWaitMs != null && !isWhole(maxWaitMs, 1, MAX_WAIT_MS_MAX)) return null
  return {
    userId,
    modelId,
    modelType,
    prompt,
    parameters,
    ticketCost,
    priority,
    idempotencyKey,
    maxAttempts,
    maxWaitMs,
    metadata,
  }
}

const isId = (value: unknown, lengthMax: number): value is string =>
  typeof value === 'string' && value.length >= 1 && value.length <= lengthMax && isStorableText(value)

const isWhole = (value: unknown, min: number, max: number): value is number =>
  Number.isSafeInteger(value) && (value as number) >= min && (value as number) <= max
