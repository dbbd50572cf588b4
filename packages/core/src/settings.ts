import { z } from 'zod'
import { GenqueueError } from './errors.js'
import { HOUR_MS } from './generation.js'
import { DEFAULT_MODELS, type ModelDefault } from './models.js'
import { type Clock, type Randomness, systemClock, systemRandomness } from './runtime.js'
import { firstIssue } from './schemas/issue.js'
import { DEFAULT_SIZES, type Sizes } from './schemas/sizes.js'
import type { Storage } from './storage.js'

/** Where a queue reports what nobody awaits. Never gets prompts, parameters, results or secrets. */
export interface Logger {
  warn(message: string): void
  error(message: string): void
}

export interface RetryPolicy {
  /** Attempts a generation gets unless its request says otherwise. Default 3. */
  readonly maxAttempts: number
  /** The first retry waits a random time up to this; each further one up to twice as long. Default 1,000. */
  readonly baseMs: number
  /** No random wait is longer. Default 60,000. */
  readonly maxMs: number
}

export interface Retention {
  /** Settled generations are removed this long after they settled. Default 30 days. */
  readonly doneMs: number
  /** Ledger lines are removed after this; balances stay. Default 400 days. */
  readonly ledgerMs: number
  /** Hourly rollups are removed after this. Default 90 days. */
  readonly rollupsMs: number
}

export type ModelsOption =
  | readonly ModelDefault[]
  | Readonly<Record<string, number | { readonly maxConcurrent: number; readonly modelType?: string }>>

export interface QueueOptions {
  readonly storage: Storage
  /** Limits created on first use; default DEFAULT_MODELS. A list, or `{ 'flux-2-pro': 2 }`. */
  readonly models?: ModelsOption
  /** false: no account is needed and every cost counts as 0. Default true. */
  readonly tickets?: boolean
  /** How long a slot stays taken without a heartbeat. Default 12,000; 1,000 to 3,600,000. */
  readonly leaseMs?: number
  readonly retry?: Partial<RetryPolicy>
  readonly retention?: Partial<Retention>
  /** What becomes of a request for a model without a limit: refused, or the model is created with this limit. */
  readonly unknownModel?: 'refuse' | { readonly maxConcurrent: number; readonly modelType?: string }
  /** Highest limit that may be set. Default 50. */
  readonly limitMax?: number
  /** Most generations of one model that may wait. Default 1,000,000. */
  readonly maxQueued?: number
  /** Run time assumed for a model that has none yet, in milliseconds. Default 30,000. */
  readonly defaultRunMs?: number
  readonly sizes?: Partial<Sizes>
  /** Replaces the storage's clock and all timers (tests, simulations). */
  readonly clock?: Clock
  readonly randomness?: Randomness
  readonly logger?: Logger
}

/** The options with every default filled in. */
export interface Settings {
  readonly models: readonly ModelDefault[]
  readonly tickets: boolean
  readonly leaseMs: number
  readonly retry: RetryPolicy
  readonly retention: Retention
  readonly unknownModel: 'refuse' | { readonly maxConcurrent: number; readonly modelType: string }
  readonly limitMax: number
  readonly maxQueued: number
  readonly defaultRunMs: number
  readonly sizes: Sizes
  readonly clock: Clock
  /** true when the caller's clock replaces the storage's. */
  readonly ownClock: boolean
  readonly randomness: Randomness
  readonly logger: Logger
}

const LEASE_MS_MIN = 1_000
const LEASE_MS_MAX = HOUR_MS
const DAY_MS = 24 * HOUR_MS
const DURATION_MS_MAX = 3_650 * DAY_MS
const LIMIT_MAX_MAX = 10_000
const MODELS_MAX = 1_000
const DEFAULT_MODEL_TYPE = 'image'

const durationMs = z.int().min(0).max(DURATION_MS_MAX)
export const leaseMsSchema = z.int().min(LEASE_MS_MIN).max(LEASE_MS_MAX)
const modelIdSchema = z.string().min(1).max(DEFAULT_SIZES.idLength)
const limitSchema = z.int().min(1).max(LIMIT_MAX_MAX)
const modelSchema = z.strictObject({
  modelId: modelIdSchema,
  modelType: z.string().min(1).max(DEFAULT_SIZES.idLength).optional(),
  maxConcurrent: limitSchema,
})
const looseLimit = z.strictObject({ maxConcurrent: limitSchema, modelType: z.string().min(1).optional() })
const functionSchema = z.custom<(...args: never[]) => unknown>(
  (value) => typeof value === 'function',
  'a function',
)

const STORAGE_METHODS = [
  'open',
  'close',
  'now',
  'admit',
  'claim',
  'start',
  'apply',
  'renew',
  'post',
  'limit',
  'purge',
  'mend',
  'get',
  'list',
  'positions',
  'due',
  'stats',
  'rollups',
  'accounts',
  'ledger',
  'limits',
  'audit',
] as const satisfies readonly (keyof Storage)[]

const optionsSchema = z.strictObject({
  storage: z.custom<Storage>(
    (value) =>
      typeof value === 'object' &&
      value !== null &&
      STORAGE_METHODS.every((name) => typeof (value as Record<string, unknown>)[name] === 'function'),
    'storage must be a genqueue storage, for example memoryStorage() from @genqueue/memory',
  ),
  models: z
    .union([
      z.array(modelSchema).max(MODELS_MAX),
      z.record(modelIdSchema, z.union([limitSchema, looseLimit])),
    ])
    .optional(),
  tickets: z.boolean().default(true),
  leaseMs: leaseMsSchema.default(12_000),
  retry: z
    .strictObject({
      maxAttempts: z.int().min(1).max(100).default(3),
      baseMs: durationMs.default(1_000),
      maxMs: durationMs.default(60_000),
    })
    .prefault({}),
  retention: z
    .strictObject({
      doneMs: durationMs.default(30 * DAY_MS),
      ledgerMs: durationMs.default(400 * DAY_MS),
      rollupsMs: durationMs.default(90 * DAY_MS),
    })
    .prefault({}),
  unknownModel: z.union([z.literal('refuse'), looseLimit]).default('refuse'),
  limitMax: limitSchema.default(50),
  maxQueued: z.int().min(1).max(100_000_000).default(1_000_000),
  defaultRunMs: durationMs.default(30_000),
  sizes: z
    .strictObject(
      Object.fromEntries(
        Object.keys(DEFAULT_SIZES).map((key) => [
          key,
          z
            .int()
            .min(1)
            .max(64 * 1024 * 1024)
            .optional(),
        ]),
      ),
    )
    .optional(),
  clock: z.strictObject({ now: functionSchema, setTimer: functionSchema }).loose().optional(),
  randomness: z.strictObject({ next: functionSchema, token: functionSchema }).loose().optional(),
  logger: z.strictObject({ warn: functionSchema, error: functionSchema }).loose().optional(),
})

/** Checks the options and fills in the defaults; throws VALIDATION. */
export function readSettings(options: QueueOptions): Settings {
  const parsed = optionsSchema.safeParse(options)
  if (!parsed.success) throw new GenqueueError('VALIDATION', `createQueue: ${firstIssue(parsed.error)}`)
  const value = parsed.data
  const models = readModels(options.models ?? DEFAULT_MODELS)
  for (const model of models) {
    if (model.maxConcurrent > value.limitMax) {
      throw new GenqueueError(
        'VALIDATION',
        `createQueue: model "${model.modelId}" has maxConcurrent ${model.maxConcurrent}, above limitMax ${value.limitMax}; lower it or raise limitMax`,
      )
    }
  }
  return {
    models,
    tickets: value.tickets,
    leaseMs: value.leaseMs,
    retry: value.retry,
    retention: value.retention,
    unknownModel:
      value.unknownModel === 'refuse'
        ? 'refuse'
        : {
            maxConcurrent: value.unknownModel.maxConcurrent,
            modelType: value.unknownModel.modelType ?? DEFAULT_MODEL_TYPE,
          },
    limitMax: value.limitMax,
    maxQueued: value.maxQueued,
    defaultRunMs: value.defaultRunMs,
    sizes: { ...DEFAULT_SIZES, ...(options.sizes ?? {}) },
    clock: options.clock ?? systemClock,
    ownClock: options.clock !== undefined,
    randomness: options.randomness ?? systemRandomness(),
    logger: options.logger ?? consoleLogger,
  }
}

function readModels(models: ModelsOption): readonly ModelDefault[] {
  if (Array.isArray(models)) {
    return (models as ModelDefault[]).map((model) => ({
      ...model,
      modelType: model.modelType ?? DEFAULT_MODEL_TYPE,
    }))
  }
  return Object.entries(models as Exclude<ModelsOption, readonly ModelDefault[]>).map(([modelId, limit]) => {
    const { maxConcurrent, modelType } =
      typeof limit === 'number' ? { maxConcurrent: limit, modelType: undefined } : limit
    return { modelId, modelType: modelType ?? DEFAULT_MODEL_TYPE, maxConcurrent }
  })
}

const consoleLogger: Logger = {
  warn: (message) => console.warn(`genqueue: ${message}`),
  error: (message) => console.error(`genqueue: ${message}`),
}
