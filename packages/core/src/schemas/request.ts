import { z } from 'zod'
import { GenqueueError } from '../errors.js'
import type { Json } from '../generation.js'
import { BALANCE_MAX } from '../plan/post.js'
import type { Settings } from '../settings.js'
import type { AdmitItem } from '../storage.js'
import { fingerprintOf } from './fingerprint.js'
import { firstIssue } from './issue.js'
import { type CheckedRequest, readOrdinary } from './ordinary.js'
import { ATTEMPTS_MAX, MAX_WAIT_MS_MAX, PRIORITY_MAX, type Sizes } from './sizes.js'
import { encodeJson, textWithin, utf8Within } from './text.js'

/** What a user asks for. */
export interface GenerationRequest {
  readonly userId: string
  readonly modelId: string
  /** Default: the model's. */
  readonly modelType?: string | undefined
  readonly prompt: string
  /** Anything JSON; default `{}`. */
  readonly parameters?: unknown
  /** Tickets it costs, an integer of 0 or more; default 1. */
  readonly ticketCost?: number | undefined
  /** Higher starts first, -1000 to 1000; default 0. */
  readonly priority?: number | undefined
  /** The same user and key give the same generation; another payload under it is IDEMPOTENCY_CONFLICT. */
  readonly idempotencyKey?: string | undefined
  /** Attempts before it fails for good, 1 to 100; default: the queue's retry.maxAttempts. */
  readonly maxAttempts?: number | undefined
  /** Fails, refunded, when it has not started within this time; default: waits for ever. */
  readonly maxWaitMs?: number | undefined
  /** Yours; kept beside the generation, never interpreted. Anything JSON. */
  readonly metadata?: unknown
}

/** Answers at once unless a fingerprint has to be computed: most requests bring no key, and a promise costs. */
export type RequestReader = (
  request: GenerationRequest,
  leaseToken: string | null,
) => AdmitItem | Promise<AdmitItem>

/** What zod says of a request: the rules in full, and the words for what is wrong. */
export function requestSchema(sizes: Sizes): z.ZodType<CheckedRequest> {
  const id = z
    .string()
    .min(1)
    .max(sizes.idLength)
    .refine(...textWithin)
  return z.strictObject({
    userId: id,
    modelId: id,
    modelType: id.nullish(),
    prompt: z
      .string()
      .refine(...textWithin)
      .refine(
        (text) => utf8Within(text, sizes.promptBytes),
        `longer than ${sizes.promptBytes} bytes of UTF-8`,
      ),
    parameters: z.unknown().optional(),
    ticketCost: z.int().min(0).max(BALANCE_MAX).default(1),
    priority: z.int().min(-PRIORITY_MAX).max(PRIORITY_MAX).default(0),
    idempotencyKey: id.nullish(),
    maxAttempts: z.int().min(1).max(ATTEMPTS_MAX).nullish(),
    maxWaitMs: z.int().min(1).max(MAX_WAIT_MS_MAX).nullish(),
    metadata: z.unknown().optional(),
  })
}

/** Prepares the checks once per queue: the reader runs on every enqueue. Throws VALIDATION. */
export function createRequestReader(settings: Settings): RequestReader {
  const { sizes, retry, tickets, randomness } = settings
  const schema = requestSchema(sizes)
  const check = (request: unknown): CheckedRequest => {
    const parsed = schema.safeParse(request)
    if (parsed.success) return parsed.data
    throw new GenqueueError('VALIDATION', `request: ${firstIssue(parsed.error)}`)
  }
  // Keys that core makes share a random prefix of this queue: nothing to hash, and a lost reply is still safe to repeat.
  const prefix = `~${randomness.token()}`
  let made = 0
  return (request, leaseToken) => {
    const checked = readOrdinary(request, sizes) ?? check(request)
    const { userId, modelId, modelType, prompt, priority, ticketCost, maxAttempts, maxWaitMs } = checked
    const { parameters, metadata, idempotencyKey } = checked
    const item: AdmitItem = {
      userId,
      modelId,
      modelType: modelType ?? null,
      prompt,
      parameters: parameters == null ? '{}' : encodeJson('parameters', parameters, sizes.parametersBytes),
      metadata: metadata === undefined ? null : encodeJson('metadata', metadata, sizes.metadataBytes),
      priority,
      ticketCost: tickets ? ticketCost : 0,
      idempotencyKey: idempotencyKey ?? prefix + (made++).toString(36),
      fingerprint: '',
      maxAttempts: maxAttempts ?? retry.maxAttempts,
      maxWaitMs: maxWaitMs ?? null,
      leaseToken,
    }
    if (idempotencyKey == null) return item
    return fingerprintOf(item).then((fingerprint) => ({ ...item, fingerprint }))
  }
}

/** JSON text of a storage back to a value; what a storage holds was encoded by core. */
export const decodeJson = (text: string | null): Json => (text === null ? null : (JSON.parse(text) as Json))
