import { NOWHERE } from './bag.js'
import type { Receiver } from './batcher.js'
import type { Engine, WakeListener } from './engine.js'
import { GenqueueError } from './errors.js'
import type { GenerationRow } from './generation.js'
import type { Lease } from './lease.js'
import type { Holder, LeaseKeeper } from './lease-keeper.js'
import { type Generation, presentGeneration } from './present.js'
import { leaseOf } from './process.js'
import { type EncodedResult, errorText, type GenerationResult, readMade } from './results.js'
import { retryDelayMs } from './retry.js'
import { type EventName, MOVES } from './rules.js'
import { announceMove, applyItem, settlePatiently } from './settle.js'
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

/** What the runs of one runner share. */
export interface Crew {
  readonly engine: Engine
  readonly handler: Handler
  readonly keeper: LeaseKeeper<Run>
  /** Sends its claims along with the settles, and need not be woken by them. */
  readonly claimer: WakeListener | undefined
  /** Runs whose handler has ended, and whose settle is under way. */
  settling: number
}

/**
 * One run under way, from the call of the handler to the end of its settle. It is told everything itself, without promises
 * and closures: with short handlers those cost more than the work.
 */
export class Run implements Holder, Receiver<ApplyItem, ApplyResult>, RunReport {
  readonly row: GenerationRow
  place = NOWHERE
  progress: number | null = null
  isLost = false
  end: RunEnd = 'lost'
  result: EncodedResult | null = null
  error: unknown = null
  readonly #crew: Crew
  readonly #retries: boolean
  readonly #ended: (report: RunReport) => void
  #lease: Lease | undefined
  #aborted = false
  #reason: GenqueueError | null = null
  /** Made when a handler looks at the signal: most never do, and it is dear. */
  #controller: AbortController | undefined

  /** `retries` false fails at the first error; `ended` is told once how the run ended. */
  constructor(crew: Crew, row: GenerationRow, retries: boolean, ended: (report: RunReport) => void) {
    this.#crew = crew
    this.row = row
    this.#retries = retries
    this.#ended = ended
  }

  get lease(): Lease {
    this.#lease ??= leaseOf(this.row)
    return this.#lease
  }

  get signal(): AbortSignal {
    if (this.#controller === undefined) {
      this.#controller = new AbortController()
      if (this.#aborted) this.#controller.abort(this.#reason)
    }
    return this.#controller.signal
  }

  begin(): void {
    const { keeper, handler } = this.#crew
    keeper.hold(this)
    try {
      const made = handler(presentGeneration(this.row), new RunContext(this))
      if (!isPromise(made)) this.#made(made)
      else
        made.then(
          (value) => this.#made(value),
          (error: unknown) => this.#broke(error),
        )
    } catch (error) {
      this.#broke(error)
    }
  }

  tellProgress(fraction: number): void {
    if (!(fraction >= 0 && fraction <= 1)) {
      throw new GenqueueError('VALIDATION', `progress must be a number from 0 to 1, not ${fraction}`)
    }
    const { engine, keeper } = this.#crew
    keeper.progress(this, fraction)
    if (!engine.events.heard('progress')) return
    const { queueId, userId, modelId } = this.row
    engine.events.emit('progress', { queueId, userId, modelId, at: engine.localNow(), progress: fraction })
  }

  abort(reason: GenqueueError): void {
    if (this.#aborted) return
    this.#aborted = true
    this.#reason = reason
    this.#controller?.abort(reason)
  }

  lost(error: GenqueueError): void {
    this.abort(error)
  }

  /** Over, whatever comes after; nothing when it was over before. */
  finish(end: RunEnd, result: EncodedResult | null = null, error: unknown = null): void {
    if (this.#isOver) return
    this.end = end
    this.result = result
    this.error = error
    this.#crew.keeper.release(this)
    this.#ended(this)
  }

  answered(answer: ApplyResult, item: ApplyItem): void {
    this.#settled(answer, item)
  }

  async failed(error: unknown, item: ApplyItem): Promise<void> {
    this.#settled(await settlePatiently(this.#crew.engine, item, error), item)
  }

  /** What is under way holds its lease, lost or not. */
  get #isOver(): boolean {
    return this.place === NOWHERE
  }

  #made(value: unknown): void {
    const { queueId, leaseToken: token } = this.row
    try {
      this.result = readMade(this.#crew.engine, this.row, value)
    } catch (error) {
      this.#broke(error)
      return
    }
    const { resultUrl, output, ticketsUsed } = this.result
    const [moves, delayMs, errorMessage] = [MOVES.complete, 0, null]
    this.#settle({ queueId, moves, token, ticketsUsed, delayMs, resultUrl, output, errorMessage })
  }

  #broke(error: unknown): void {
    const { row } = this
    const { settings } = this.#crew.engine
    const left = this.#retries && row.attempt < row.maxAttempts
    const delayMs = left ? retryDelayMs(error, row.attempt, settings.retry, settings.randomness) : null
    const moves = delayMs === null ? MOVES.fail : [...MOVES.retryLater, ...MOVES.fail]
    const outcome = { token: row.leaseToken, delayMs: delayMs ?? 0, errorMessage: errorText(error, settings) }
    this.error = error
    this.#settle(applyItem(row.queueId, moves, outcome))
  }

  /** Applies the settle, unless the run was given back or lost meanwhile. */
  #settle(item: ApplyItem): void {
    if (this.#isOver) return
    if (this.#aborted) {
      this.finish('lost', null, this.#reason)
      return
    }
    this.#crew.settling += 1
    this.#crew.engine.apply.addFor(item, this)
  }

  #settled(answer: ApplyResult | null, item: ApplyItem): void {
    const { engine, claimer } = this.#crew
    this.#crew.settling -= 1
    if (answer === null || !answer.ok) {
      this.finish('lost')
      return
    }
    if (!answer.repeated) announceMove(engine, this.row, item, answer, claimer)
    this.finish(ENDS[answer.event] ?? 'lost', this.result, this.error)
  }
}

/** What a handler is given; reads through to the run. */
class RunContext implements HandlerContext {
  readonly #run: Run
  #progress: HandlerContext['progress'] | undefined

  constructor(run: Run) {
    this.#run = run
  }

  get signal(): AbortSignal {
    return this.#run.signal
  }

  /** Made when it is asked for: many handlers have nothing to tell. */
  get progress(): HandlerContext['progress'] {
    this.#progress ??= (fraction) => this.#run.tellProgress(fraction)
    return this.#progress
  }

  get attempt(): number {
    return this.#run.row.attempt
  }

  get lease(): Lease {
    return this.#run.lease
  }
}

const ENDS: Readonly<Partial<Record<EventName, RunEnd>>> = {
  complete: 'completed',
  fail: 'failed',
  retryLater: 'retrying',
}

const isPromise = <Value>(value: Value | Promise<Value>): value is Promise<Value> =>
  typeof value === 'object' && value !== null && typeof (value as { then?: unknown }).then === 'function'
