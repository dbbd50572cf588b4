import { createBatcher } from './batcher.js'
import type { Engine } from './engine.js'
import type { GenerationRow } from './generation.js'
import { refusalError } from './refusals.js'
import type { Status } from './rules.js'
import type { WaitEstimates } from './waits.js'

/** What a user who waits wants to know. Times are epoch milliseconds. */
export interface GenerationStatus {
  readonly queueId: number
  readonly userId: string
  readonly modelId: string
  readonly status: Status
  /** 1 = next; null when it does not wait. */
  readonly position: number | null
  /** Whole seconds until it starts; null when it does not wait. */
  readonly estimatedWait: number | null
  readonly progress: number | null
  readonly resultUrl: string | null
  readonly errorMessage: string | null
  readonly queuedAt: number
  readonly startedAt: number | null
  readonly completedAt: number | null
}

/** Looks of concurrent callers go to the storage together; a row may carry a long prompt, so not too many at once. */
const LOOKS_MAX = 200
/** Calls that may wait for their turn before more are refused. */
const PENDING_MAX = 100_000
/** A row that was seen waiting is read again after this long; its position and estimate are always new. */
const WAITING_FRESH_MS = 60_000
/** Statuses that are remembered, a few hundred bytes each. */
const WAITING_MAX = 50_000

interface Seen {
  readonly at: number
  readonly status: GenerationStatus
}

/**
 * What users ask for most, with one indexed read a look. A generation that has a position waits, and nothing else of
 * one that waits changes: who was seen waiting is asked for the position alone. What runs or has settled has no
 * position to ask for. Only the first look at one that waits, and the first after it started, read twice.
 */
export function createStatusReader(engine: Engine, waits: WaitEstimates) {
  const seen = new Map<number, Seen>()
  const { batchMax, batchesInFlight: inFlight } = engine.storage.supports
  const bounds = { batchMax: Math.min(LOOKS_MAX, batchMax), inFlight, pendingMax: PENDING_MAX }
  const rows = createBatcher<number, GenerationRow | null>({
    run: (ids) => engine.call((s) => s.get(ids)),
    ...bounds,
  })
  const positions = createBatcher<number, number | null>({
    run: (queueIds) => engine.call((s) => s.positions({ queueIds, ...engine.at() })),
    ...bounds,
  })

  const remember = (status: GenerationStatus, at: number) => {
    seen.delete(status.queueId)
    seen.set(status.queueId, { at, status })
    if (seen.size > WAITING_MAX) seen.delete(seen.keys().next().value as number)
  }
  const waiting = async (status: GenerationStatus, position: number): Promise<GenerationStatus> => ({
    ...status,
    position,
    estimatedWait: await waits.seconds(status.modelId, position),
  })
  const read = async (queueId: number): Promise<GenerationStatus> => {
    const row = await rows.add(queueId)
    if (row === null)
      throw refusalError({ ok: false, code: 'generation_unknown' }, { doing: 'status', queueId })
    const status = presentStatus(row)
    const now = engine.localNow()
    const delayed = row.notBefore !== null && row.notBefore > now
    if (row.leaseToken !== null || row.completedAt !== null || delayed) return status
    // A second read: it may have started in between, and then waits no more.
    const position = await positions.add(queueId)
    if (position === null) return status
    remember(status, now)
    return waiting(status, position)
  }

  return async (queueId: number): Promise<GenerationStatus> => {
    const before = seen.get(queueId)
    if (before === undefined) return read(queueId)
    const ageMs = engine.localNow() - before.at
    const position = ageMs >= 0 && ageMs < WAITING_FRESH_MS ? await positions.add(queueId) : null
    if (position !== null) return waiting(before.status, position)
    seen.delete(queueId)
    return read(queueId)
  }
}

function presentStatus(row: GenerationRow): GenerationStatus {
  const { queueId, userId, modelId, status, progress, resultUrl, errorMessage } = row
  const { queuedAt, startedAt, completedAt } = row
  const times = { queuedAt, startedAt, completedAt }
  const wait = { position: null, estimatedWait: null }
  return { queueId, userId, modelId, status, ...wait, progress, resultUrl, errorMessage, ...times }
}
