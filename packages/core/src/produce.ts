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

  /** The admission that a result tells of; a promise only where a model has to be made first. Throws refusals. */
  const admission = (doing: string, result: AdmitResult, item: AdmitItem): Admitted | Promise<Admitted> => {
    if (result.ok) return accept(engine, item, result)
    const { unknownModel } = settings
    if (result.code !== 'model_unknown' || unknownModel === 'refuse')
      throw refused(engine, doing, item, result)
    return admitAnew(doing, item)
  }

  const admitAnew = async (doing: string, item: AdmitItem): Promise<Admitted> => {
    await createUnknownModel(engine, item)
    const result = await engine.admit.add(item)
    if (!result.ok) throw refused(engine, doing, item, result)
    return accept(engine, item, result)
  }

  const queued = (admitted: Admitted, modelId: string): Queued | Promise<Queued> => {
    const { position } = admitted
    const wait = position === null ? 0 : waits.seconds(modelId, position)
    if (typeof wait === 'number') return presentQueued(admitted, wait)
    return wait.then((estimatedWait) => presentQueued(admitted, estimatedWait))
  }

  const enqueued = (result: AdmitResult, item: AdmitItem): Queued | Promise<Queued> => {
    const admitted = admission('enqueue', result, item)
    if (admitted instanceof Promise) return admitted.then((later) => queued(later, item.modelId))
    return queued(admitted, item.modelId)
  }
  const submitted = (result: AdmitResult, item: AdmitItem) => admission('submit', result, item)

  const enqueueItem = (item: AdmitItem): Promise<Queued> => engine.admit.addThen(item, enqueued)

  const enqueue = (request: GenerationRequest): Promise<Queued> => {
    try {
      const item = readRequest(request, null)
      return item instanceof Promise ? item.then(enqueueItem) : enqueueItem(item)
    } catch (error) {
      return Promise.reject(error)
    }
  }

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
      const item = await readRequest(request, settings.randomness.token())
      const admitted = await engine.admit.addThen(item, submitted)
      const { queueId, status, leaseToken, leaseExpiresAt, attempt } = admitted
      if (status === 'queued') return { status, ...(await queued(admitted, item.modelId)) }
      if (leaseToken === null || leaseExpiresAt === null)
        return { status, queueId, lease: null, duplicate: true }
      const lease = { queueId, token: leaseToken, expiresAt: leaseExpiresAt, attempt }
      return { status: 'processing', queueId, lease, duplicate: false }
    },
  }
}

const presentQueued = ({ queueId, position, duplicate }: Admitted, estimatedWait: number): Queued => ({
  queueId,
  position: position ?? 0,
  estimatedWait,
  duplicate,
})

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

/** Tells of an admission, and answers it as its caller sees it. */
function accept(engine: Engine, item: AdmitItem, admitted: Admitted): Admitted {
  // A key that core made is known only when its own reply was lost: to the caller that is the first answer.
  const answer = item.fingerprint === '' && admitted.duplicate ? { ...admitted, duplicate: false } : admitted
  announce(engine, item, answer)
  return answer
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
