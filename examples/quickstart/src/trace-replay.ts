import { type Clock, createQueue, type Queue } from '@genqueue/core'
import { memoryStorage } from '@genqueue/memory'
import type { Trace, TraceRow } from './trace-file.js'

const HOUR_MS = 3_600_000
/** A model's cap is the smallest at which its busiest hour keeps the slots at most this busy. */
const BUSY_SHARE = 0.8
const LONG_WAIT_MS = 30_000
const EPOCH_MS = 1_700_000_000_000

/** One generation's promise and what came of it. */
interface Wait {
  readonly modelId: string
  readonly estimatedMs: number
  readonly queuedAt: number
  trueMs: number | null
}

export interface ModelSummary {
  readonly modelId: string
  readonly requests: number
  readonly cap: number
  readonly peak: number
  readonly waited: number
  readonly waitMsMean: number
}

export interface TraceSummary {
  readonly requests: number
  readonly unfinished: number
  readonly days: number
  readonly waits: number
  readonly longWaits: number
  /** Relative errors |estimated - true| / true over the long waits. */
  readonly errorMedian: number
  readonly errorP90: number
  /** Mean of (estimated - true) / true over the long waits. */
  readonly bias: number
  readonly models: readonly ModelSummary[]
  readonly verified: boolean
}

export interface ReplayProgress {
  readonly done: number
  readonly of: number
  readonly queued: number
  readonly day: number
}

/** Slots so that the offered load of the busiest hour fills at most BUSY_SHARE of them. */
export function capsFor(rows: readonly TraceRow[]): Map<string, number> {
  const load = new Map<string, Map<number, number>>()
  for (const { modelId, arrivalMs, runMs } of rows) {
    const hours = load.get(modelId) ?? new Map<number, number>()
    load.set(modelId, hours)
    const hour = Math.floor(arrivalMs / HOUR_MS)
    hours.set(hour, (hours.get(hour) ?? 0) + runMs)
  }
  const cap = (hours: Map<number, number>) =>
    Math.max(1, Math.ceil(Math.max(...hours.values()) / HOUR_MS / BUSY_SHARE))
  return new Map([...load].map(([modelId, hours]) => [modelId, cap(hours)]))
}

/** The whole trace through a real queue over the memory storage, on a clock that jumps from event to event. */
export async function replayTrace(
  trace: Trace,
  onProgress: (progress: ReplayProgress) => Promise<void> | void = () => {},
): Promise<TraceSummary> {
  const caps = capsFor(trace.rows)
  const replay = new Replay(caps)
  await replay.open(trace.rows)
  for (const [index, row] of trace.rows.entries()) {
    await replay.advanceTo(EPOCH_MS + row.arrivalMs)
    await replay.arrive(row)
    if (index % 200 === 0) {
      await onProgress({
        done: index,
        of: trace.rows.length,
        queued: replay.queued,
        day: row.arrivalMs / (24 * HOUR_MS),
      })
    }
  }
  await replay.advanceTo(Number.POSITIVE_INFINITY)
  return replay.summary(trace)
}

/** A run that ends at a time. */
interface Run {
  readonly endsAt: number
  readonly queueId: number
  readonly modelId: string
  readonly token: string
  readonly failed: boolean
}

class Replay {
  queued = 0
  #now = EPOCH_MS
  readonly #queue: Queue
  readonly #caps: ReadonlyMap<string, number>
  readonly #running: Run[] = []
  readonly #active = new Map<string, number>()
  readonly #peak = new Map<string, number>()
  readonly #waits = new Map<number, Wait>()
  readonly #rows = new Map<number, TraceRow>()

  constructor(caps: ReadonlyMap<string, number>) {
    this.#caps = caps
    const clock: Clock = { now: () => this.#now, setTimer: () => () => {} }
    const models = [...caps].map(([modelId, maxConcurrent]) => ({
      modelId,
      modelType: 'image',
      maxConcurrent,
    }))
    const limitMax = Math.max(50, ...caps.values())
    this.#queue = createQueue({ storage: memoryStorage(), models, clock, limitMax, leaseMs: HOUR_MS })
  }

  async open(rows: readonly TraceRow[]): Promise<void> {
    const spent = new Map<string, number>()
    for (const { userId, images } of rows) spent.set(userId, (spent.get(userId) ?? 0) + images)
    for (const [userId, tickets] of spent) await this.#queue.tickets.grant(userId, tickets)
  }

  async arrive(row: TraceRow): Promise<void> {
    const { userId, modelId, images } = row
    const request = { userId, modelId, prompt: row.kind, ticketCost: images }
    const { queueId, estimatedWait } = await this.#queue.enqueue(request)
    this.#rows.set(queueId, row)
    this.#waits.set(queueId, {
      modelId,
      estimatedMs: estimatedWait * 1_000,
      queuedAt: this.#now,
      trueMs: null,
    })
    this.queued += 1
    await this.#startWhatMay(modelId)
  }

  /** Ends every run that ends by then, in order, and starts what each lets start. */
  async advanceTo(until: number): Promise<void> {
    for (let run = this.#running[0]; run !== undefined && run.endsAt <= until; run = this.#running[0]) {
      this.#running.shift()
      this.#now = run.endsAt
      const { queueId, token: lease, modelId } = run
      if (run.failed) await this.#queue.fail(queueId, 'failed in the recording', { lease })
      else await this.#queue.complete(queueId, `https://img.example/${queueId}.png`, { lease })
      this.#active.set(modelId, (this.#active.get(modelId) ?? 0) - 1)
      await this.#startWhatMay(modelId)
    }
    if (Number.isFinite(until)) this.#now = until
  }

  async #startWhatMay(modelId: string): Promise<void> {
    for (const { queueId, lease } of await this.#queue.claim({ models: [modelId], max: 50 })) {
      const { runMs, failed } = this.#rows.get(queueId) as TraceRow
      this.#rows.delete(queueId)
      const wait = this.#waits.get(queueId) as Wait
      wait.trueMs = this.#now - wait.queuedAt
      this.queued -= 1
      const active = (this.#active.get(modelId) ?? 0) + 1
      this.#active.set(modelId, active)
      this.#peak.set(modelId, Math.max(this.#peak.get(modelId) ?? 0, active))
      insertRun(this.#running, { endsAt: this.#now + runMs, queueId, modelId, token: lease.token, failed })
    }
  }

  async summary(trace: Trace): Promise<TraceSummary> {
    const waits = [...this.#waits.values()].map((wait) => ({ ...wait, trueMs: wait.trueMs ?? 0 }))
    const long = waits.filter((wait) => wait.trueMs > LONG_WAIT_MS)
    const errors = long.map((w) => (w.estimatedMs - w.trueMs) / w.trueMs)
    const sizes = errors.map(Math.abs).sort((a, b) => a - b)
    const { ok } = await this.#queue.verify()
    await this.#queue.close()
    return {
      requests: trace.rows.length,
      unfinished: trace.unfinished,
      days: (trace.rows.at(-1)?.arrivalMs ?? 0) / (24 * HOUR_MS),
      waits: waits.filter((wait) => wait.trueMs > 0).length,
      longWaits: long.length,
      errorMedian: sizes[sizes.length >> 1] ?? 0,
      errorP90: sizes[Math.floor(sizes.length * 0.9)] ?? 0,
      bias: errors.length === 0 ? 0 : errors.reduce((sum, error) => sum + error, 0) / errors.length,
      models: this.#modelSummaries(waits),
      verified: ok,
    }
  }

  #modelSummaries(waits: readonly (Wait & { trueMs: number })[]): ModelSummary[] {
    return [...this.#caps]
      .map(([modelId, cap]) => {
        const own = waits.filter((wait) => wait.modelId === modelId)
        const waited = own.filter((wait) => wait.trueMs > 0)
        const waitMsMean = waited.reduce((sum, wait) => sum + wait.trueMs, 0) / Math.max(1, waited.length)
        return {
          modelId,
          requests: own.length,
          cap,
          peak: this.#peak.get(modelId) ?? 0,
          waited: waited.length,
          waitMsMean,
        }
      })
      .sort((a, b) => b.requests - a.requests)
  }
}

/** Keeps the runs sorted by their end; there are never more of them than slots. */
function insertRun(runs: Run[], run: Run): void {
  let index = runs.length
  while (index > 0 && (runs[index - 1] as Run).endsAt > run.endsAt) index -= 1
  runs.splice(index, 0, run)
}
