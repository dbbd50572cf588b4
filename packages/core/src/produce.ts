import { z } from 'zod'
import type { Engine } from './engine.js'
import { GenqueueError } from './errors.js'
import type { Lease } from './lease.js'
import { refusalError } from './refusals.js'
import type { Status } from './rules.js'
import { readInput } from './schemas/input.js'
import { createRequestReader, type GenerationRequest } from './schemas/request.js'
import type { AdmitItem, AdmitResult, Admitted } from './storage.js'
import type { WaitEstimates } from './waits.js'

export interface Queued {
  readonly queueId: number
  /** 1 = next. 0 when a duplicate no longer waits. */
  readonly position: number
  /** Whole seconds until it starts, from the model's recent run times. */
  readonly estimatedWait: number
  /** The same user and idempotency key had asked before: this is that generation. */
  readonly duplicate: boolean
}

export type EnqueueResult =
  | ({ readonly ok: true } & Queued)
  | { readonly ok: false; readonly error: GenqueueError }

export type Submission =
  | {
      readonly status: 'processing'
      readonly queueId: number
      /** Yours to settle before it expires; renew it by heartbeat. */
      readonly lease: Lease
      readonly duplicate: false
    }
  | ({ readonly status: 'queued' } & Queued)
  | {
      /** A duplicate that someone else runs, or that has settled. */
      readonly status: Exclude<Status, 'queued'>
      readonly queueId: number
      readonly lease: null
      readonly duplicate: true
    }

export interface Producer {
  canProcess(modelId: string): Promise<boolean>
  enqueue(request: GenerationRequest): Promise<Queued>
  enqueueMany(requests: readonly GenerationRequest[]): Promise<EnqueueResult[]>
  submit(request: GenerationRequest): Promise<Submission>
}

export function createProducer(engine: Engine, waits: WaitEstimates): Producer {
  const { settings } = engine
  const readRequest = createRequestReader(settings)
  const modelIdSchema = z.string().min(1).max(settings.sizes.idLength)

  const admit = async (doing: string, request: GenerationRequest, leaseToken: string | null) => {
    const item = await readRequest(request, leaseToken)
    let result = await engine.admit.add(item)
    if (!result.ok && result.code === 'model_unknown' && settings.unknownModel !== 'refuse') {
      await createUnknownModel(engine, item)
      result = await engine.admit.add(item)
    }
    if (!result.ok) throw refused(engine, doing, item, result)
    // A key that core made is known only when its own reply was lost: to the caller that is the first answer.
    const answer = item.fingerprint === '' && result.duplicate ? { ...result, duplicate: false } : result
    announce(engine, item, answer)
    return answer
  }

  const queued = (modelId: string, admitted: Admitted): Queued | Promise<Queued> => {
    const { queueId, position, duplicate } = admitted
    const present = (estimatedWait: number): Queued => ({
      queueId,
      position: position ?? 0,
      estimatedWait,
      duplicate,
    })
    const wait = position === null ? 0 : waits.seconds(modelId, position)
    return typeof wait === 'number' ? present(wait) : wait.then(present)
  }

  const enqueue = (request: GenerationRequest): Promise<Queued> =>
    admit('enqueue', request, null).then((admitted) => queued(request.modelId, admitted))

  return {
    enqueue,
    async canProcess(modelId) {
      const id = readInput('canProcess', modelIdSchema, modelId)
      const [stats] = await engine.call((s) => s.stats({ modelIds: [id], ...engine.at() }))
      if (stats !== undefined)
        return !stats.paused && stats.active < stats.maxConcurrent && stats.waiting === 0
      if (settings.unknownModel !== 'refuse') return true
      throw refusalError({ ok: false, code: 'model_unknown' }, { doing: 'canProcess', modelId: id })
    },
    async enqueueMany(requests) {
      if (!Array.isArray(requests) || requests.length > settings.sizes.batchItems) {
        throw new GenqueueError(
          'VALIDATION',
          `enqueueMany: takes a list of at most ${settings.sizes.batchItems} requests; split a longer one`,
        )
      }
      return Promise.all(
        requests.map((request: GenerationRequest) => enqueue(request).then(accepted, rejected)),
      )
    },
    async submit(request) {
      const admitted = await admit('submit', request, settings.randomness.token())
      const { queueId, status, leaseToken, leaseExpiresAt, attempt } = admitted
      if (status === 'queued') return { status, ...(await queued(request.modelId, admitted)) }
      if (leaseToken === null || leaseExpiresAt === null)
        return { status, queueId, lease: null, duplicate: true }
      const lease = { queueId, token: leaseToken, expiresAt: leaseExpiresAt, attempt }
      return { status: 'processing', queueId, lease, duplicate: false }
    },
  }
}

const accepted = (queued: Queued): EnqueueResult => ({ ok: true, ...queued })
const rejected = (error: unknown): EnqueueResult => {
  if (error instanceof GenqueueError) return { ok: false, error }
  throw error
}

function refused(engine: Engine, doing: string, item: AdmitItem, refusal: AdmitResult & { ok: false }) {
  const { userId, modelId, ticketCost } = item
  const { maxQueued } = engine.settings
  return refusalError(refusal, { doing, userId, modelId, ticketCost, maxQueued })
}

function announce(engine: Engine, item: AdmitItem, admitted: Admitted): void {
  if (admitted.duplicate) return
  const { userId, modelId } = item
  const { queueId, queuedAt: at, position, attempt } = admitted
  if (admitted.startedAt === null) {
    engine.wake(modelId)
    if (engine.events.heard('queued'))
      engine.events.emit('queued', { queueId, userId, modelId, at, position })
  } else if (engine.events.heard('started')) {
    engine.events.emit('started', { queueId, userId, modelId, at, attempt })
  }
}

async function createUnknownModel(engine: Engine, item: AdmitItem): Promise<void> {
  const { unknownModel } = engine.settings
  if (unknownModel === 'refuse') return
  const { maxConcurrent } = unknownModel
  const modelType = item.modelType ?? unknownModel.modelType
  const defaults = { modelType, maxConcurrent }
  const missing = { modelType: null, maxConcurrent: null, paused: null, onlyIfMissing: true, defaults }
  await engine.call((s) => s.limit({ items: [{ modelId: item.modelId, ...missing }], ...engine.at() }))
}
