import type { Engine, WakeListener } from './engine.js'
import { GenqueueError } from './errors.js'
import type { GenerationRow } from './generation.js'
import type { Lease } from './lease.js'
import { createLeaseKeeper, type LeaseKeeper } from './lease-keeper.js'
import { type Generation, presentGeneration } from './present.js'
import { leaseOf } from './process.js'
import { type EncodedResult, errorText, type GenerationResult, readResult } from './results.js'
import { retryDelayMs } from './retry.js'
import { type EventName, MOVES } from './rules.js'
import { sleep } from './runtime.js'
import { announceMove, applyItem } from './settle.js'
import type { ApplyItem, ApplyResult } from './storage.js'

export interface HandlerContext {
  /** Aborted when the generation is cancelled, its lease is lost, or the worker's time to close is over. */
  readonly signal: AbortSignal
  /** Tells users how far it is, 0 to 1; cheap to call often. */
  readonly progress: (fraction: number) => void
  /** 1 for the first attempt. */
  readonly attempt: number
  readonly lease: Lease
}

/** Makes one generation; what it throws may say `retryable: false` or `retryAfterMs`. */
export type Handler = (
  generation: Generation,
  context: HandlerContext,
) => Promise<string | GenerationResult> | string | GenerationResult

/** How one run ended here. `lost`: cancelled, or taken over; its result was dropped. `yielded`: given back unfinished. */
export type RunEnd = 'completed' | 'failed' | 'retrying' | 'yielded' | 'lost'

export interface RunReport {
  readonly end: RunEnd
  readonly row: GenerationRow
  readonly result: EncodedResult | null
  readonly error: unknown
}

/** Runs claimed generations: keeps their leases, settles them, never throws. */
export interface Runner {
  /** `retries` false fails at the first error. */
  run(row: GenerationRow, retries?: boolean): Promise<RunReport>
  readonly running: number
  /** Those of them whose handler has ended, and whose settle is under way. */
  readonly settling: number
  /** Aborts what still runs and gives it back to the queue, attempts not counted. */
  yieldAll(): Promise<void>
  stop(): void
}

/** One run under way. Its AbortController is made when a handler looks at the signal: most never do, and it is dear. */
class Running {
  readonly row: GenerationRow
  readonly lease: Lease
  aborted = false
  reason: unknown = null
  /** Told once how the run ended. */
  readonly ended: (report: RunReport) => void
  #controller: AbortController | undefined

  constructor(row: GenerationRow, ended: (report: RunReport) => void) {
    this.row = row
    this.lease = leaseOf(row)
    this.ended = ended
  }

  get signal(): AbortSignal {
    if (this.#controller === undefined) {
      this.#controller = new AbortController()
      if (this.aborted) this.#controller.abort(this.reason)
    }
    return this.#controller.signal
  }

  abort(reason: unknown): void {
    if (this.aborted) return
    this.aborted = true
    this.reason = reason
    this.#controller?.abort(reason)
  }
}

/** What a handler is given; reads through to the run. */
class RunContext implements HandlerContext {
  readonly lease: Lease
  readonly attempt: number
  readonly progress: (fraction: number) => void
  readonly #running: Running

  constructor(running: Running, progress: (fraction: number, row: GenerationRow) => void) {
    this.#running = running
    this.lease = running.lease
    this.attempt = running.row.attempt
    this.progress = (fraction) => progress(fraction, running.row)
  }

  get signal(): AbortSignal {
    return this.#running.signal
  }
}

/** A settle that the storage cannot take is repeated for this long: the picture is made and paid for. */
const SETTLE_PATIENCE_MS = 300_000
const SETTLE_PAUSE_MS = 1_000

/** `claimer`, if any, sends its claims along with the settles, and need not be woken by them. */
export const createRunner = (
  engine: Engine,
  handler: Handler,
  leaseMs = engine.settings.leaseMs,
  claimer?: WakeListener,
): Runner => new HandlerRunner(engine, handler, leaseMs, claimer)

/** Callbacks rather than async functions on the way of a run: with short handlers their frames cost more than the work. */
class HandlerRunner implements Runner {
  readonly #engine: Engine
  readonly #handler: Handler
  readonly #keeper: LeaseKeeper
  /** By run, not by generation: one that lapsed may come back to this process while its first run goes on. */
  readonly #running = new Set<Running>()
  readonly #claimer: WakeListener | undefined
  #settling = 0

  constructor(engine: Engine, handler: Handler, leaseMs: number, claimer: WakeListener | undefined) {
    this.#engine = engine
    this.#handler = handler
    this.#claimer = claimer
    this.#keeper = createLeaseKeeper(engine, leaseMs)
    engine.events.emitter.on('cancelled', this.#onCancelled)
  }

  get running(): number {
    return this.#running.size
  }

  get settling(): number {
    return this.#settling
  }

  run(row: GenerationRow, retries = true): Promise<RunReport> {
    return new Promise((resolve) => {
      const entry = new Running(row, resolve)
      this.#running.add(entry)
      this.#keeper.hold(entry.lease, (error) => entry.abort(error))
      const onError = (error: unknown) => this.#failed(entry, error, retries)
      try {
        const made = this.#handler(presentGeneration(row), new RunContext(entry, this.#onProgress))
        if (isPromise(made)) made.then((result) => this.#made(entry, result, onError), onError)
        else this.#made(entry, made, onError)
      } catch (error) {
        onError(error)
      }
    })
  }

  async yieldAll(): Promise<void> {
    const entries = [...this.#running]
    const moves = entries.map(({ row }) => applyItem(row.queueId, MOVES.yield, { token: row.leaseToken }))
    const applied = Promise.all(moves.map((item) => this.#engine.apply.add(item)))
    for (const entry of entries) {
      this.#end(entry, 'yielded')
      entry.abort(new GenqueueError('CLOSED', 'the worker closes; this generation goes back to the queue'))
    }
    await applied
  }

  stop(): void {
    this.#keeper.stop()
    this.#engine.events.emitter.off('cancelled', this.#onCancelled)
  }

  readonly #onCancelled = ({ queueId }: { queueId: number }) => {
    for (const entry of this.#running) {
      if (entry.row.queueId !== queueId) continue
      entry.abort(new GenqueueError('INVALID_TRANSITION', `generation ${queueId} was cancelled`))
    }
  }

  readonly #onProgress = (fraction: number, row: GenerationRow) => {
    if (!(fraction >= 0 && fraction <= 1)) {
      throw new GenqueueError('VALIDATION', `progress must be a number from 0 to 1, not ${fraction}`)
    }
    this.#keeper.progress(row.queueId, row.leaseToken as string, fraction)
    const { events } = this.#engine
    const { queueId, userId, modelId } = row
    if (!events.heard('progress')) return
    events.emit('progress', { queueId, userId, modelId, at: this.#engine.localNow(), progress: fraction })
  }

  #made(entry: Running, value: unknown, onError: (error: unknown) => void): void {
    let result: EncodedResult
    try {
      result = clampTickets(this.#engine, entry.row, readResult('handler', value, this.#engine.settings))
    } catch (error) {
      onError(error)
      return
    }
    const { queueId, leaseToken: token } = entry.row
    const { resultUrl, output, ticketsUsed } = result
    const item = {
      queueId,
      moves: MOVES.complete,
      token,
      ticketsUsed,
      delayMs: 0,
      resultUrl,
      output,
      errorMessage: null,
    }
    this.#settle(entry, item, result, null)
  }

  #failed(entry: Running, error: unknown, retries: boolean): void {
    const { row } = entry
    const { retry, randomness } = this.#engine.settings
    const left = retries && row.attempt < row.maxAttempts
    const delayMs = left ? retryDelayMs(error, row.attempt, retry, randomness) : null
    const moves = delayMs === null ? MOVES.fail : [...MOVES.retryLater, ...MOVES.fail]
    const errorMessage = errorText(error, this.#engine.settings)
    const outcome = { token: row.leaseToken, delayMs: delayMs ?? 0, errorMessage }
    this.#settle(entry, applyItem(row.queueId, moves, outcome), null, error)
  }

  /** Applies the settle, unless the run was given back or lost meanwhile. */
  #settle(entry: Running, item: ApplyItem, result: EncodedResult | null, error: unknown): void {
    if (!this.#running.has(entry)) return
    if (entry.aborted) {
      this.#end(entry, 'lost', null, entry.reason)
      return
    }
    this.#settling += 1
    this.#engine.apply.add(item).then(
      (answer) => this.#settled(entry, item, answer, result, error),
      async (refused: unknown) => {
        const answer = await settlePatiently(this.#engine, item, refused)
        this.#settled(entry, item, answer, result, error)
      },
    )
  }

  #settled(
    entry: Running,
    item: ApplyItem,
    answer: ApplyResult | null,
    result: EncodedResult | null,
    error: unknown,
  ): void {
    this.#settling -= 1
    if (answer === null || !answer.ok) {
      this.#end(entry, 'lost')
      return
    }
    if (!answer.repeated) announceMove(this.#engine, entry.row, item, answer, this.#claimer)
    this.#end(entry, ENDS[answer.event] ?? 'lost', result, error)
  }

  #end(entry: Running, end: RunEnd, result: EncodedResult | null = null, error: unknown = null): void {
    const { row } = entry
    this.#keeper.release(row.queueId, entry.lease.token)
    this.#running.delete(entry)
    entry.ended({ end, row, result, error })
  }
}

const ENDS: Readonly<Partial<Record<EventName, RunEnd>>> = {
  complete: 'completed',
  fail: 'failed',
  retryLater: 'retrying',
}

const isPromise = <Value>(value: Value | Promise<Value>): value is Promise<Value> =>
  typeof value === 'object' && value !== null && typeof (value as { then?: unknown }).then === 'function'

/** A handler that claims more tickets than are reserved still made its picture: the reservation is all it gets. */
function clampTickets(engine: Engine, row: GenerationRow, result: EncodedResult): EncodedResult {
  if (result.ticketsUsed === null || result.ticketsUsed <= row.ticketCost) return result
  if (engine.settings.tickets) {
    engine.report(
      new GenqueueError(
        'VALIDATION',
        `handler: generation ${row.queueId} used ${result.ticketsUsed} tickets but reserved ${row.ticketCost}; captured ${row.ticketCost}`,
      ),
      'ticketsUsed',
    )
  }
  return { ...result, ticketsUsed: row.ticketCost }
}

/** Repeats a settle while the storage is away; null when that took too long or it was refused for good. */
async function settlePatiently(engine: Engine, item: ApplyItem, first: unknown): Promise<ApplyResult | null> {
  const { clock } = engine.settings
  const giveUpAt = clock.now() + SETTLE_PATIENCE_MS
  for (let error = first; ; ) {
    engine.report(error, 'settle')
    const away = error instanceof GenqueueError && error.code === 'STORAGE_UNAVAILABLE'
    if (!away || clock.now() >= giveUpAt || engine.closing.aborted) return null
    await sleep(clock, SETTLE_PAUSE_MS, engine.closing)
    try {
      return await engine.apply.add(item)
    } catch (again) {
      error = again
    }
  }
}
