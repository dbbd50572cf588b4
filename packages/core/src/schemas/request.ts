import { z } from 'zod'
import { GenqueueError } from '../errors.js'
import type { Json } from '../generation.js'
import { BALANCE_MAX } from '../plan/post.js'
import type { Settings } from '../settings.js'
import type { AdmitItem } from '../storage.js'
import { fingerprintOf } from './fingerprint.js'
import { firstIssue } from './issue.js'
import { encodeJson, textWithin, utf8Within } from './text.js'

/** Priorities reach this far from 0 both ways: with a millisecond time they still fit one exact double. */
export const PRIORITY_MAX = 1_000
/** Longest wait that may be asked for: a year. */
const MAX_WAIT_MS_MAX = 366 * 24 * 3_600_000
const ATTEMPTS_MAX = 100

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

/** Compiles the checks once per queue: the reader runs on every enqueue. Throws VALIDATION. */
export function createRequestReader(settings: Settings): RequestReader {
  const { sizes, retry, tickets, randomness } = settings
  const id = z
    .string()
    .min(1)
    .max(sizes.idLength)
    .refine(...textWithin)
  const schema = z.strictObject({
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
  // Keys that core makes share a random prefix of this queue: nothing to hash, and a lost reply is still safe to repeat.
  const prefix = randomness.token()
  let made = 0
  const makeKey = () => {
    made += 1
    return `~${prefix}${made.toString(36)}`
  }
  return (request, leaseToken) => {
    const parsed = schema.safeParse(request)
    if (!parsed.success) throw new GenqueueError('VALIDATION', `request: ${firstIssue(parsed.error)}`)
    const { data } = parsed
    const parameters =
      data.parameters == null ? '{}' : encodeJson('parameters', data.parameters, sizes.parametersBytes)
    const metadata =
      data.metadata === undefined ? null : encodeJson('metadata', data.metadata, sizes.metadataBytes)
    const item: AdmitItem = {
      userId: data.userId,
      modelId: data.modelId,
      modelType: data.modelType ?? null,
      prompt: data.prompt,
      parameters,
      metadata,
      priority: data.priority,
      ticketCost: tickets ? data.ticketCost : 0,
      idempotencyKey: data.idempotencyKey ?? makeKey(),
      fingerprint: '',
      maxAttempts: data.maxAttempts ?? retry.maxAttempts,
      maxWaitMs: data.maxWaitMs ?? null,
      leaseToken,
    }
    if (data.idempotencyKey == null) return item
    return fingerprintOf(item).then((fingerprint) => ({ ...item, fingerprint }))
  }
}

/** JSON text of a storage back to a value; what a storage holds was encoded by core. */
export const decodeJson = (text: string | null): Json => (text === null ? null : (JSON.parse(text) as Json))
