import type { Engine } from './engine.js'
import { GenqueueError } from './errors.js'
import type { GenerationRow } from './generation.js'
import type { Lease } from './lease.js'
import { createLeaseKeeper } from './lease-keeper.js'
import { type Generation, presentGeneration } from './present.js'
import { leaseOf } from './process.js'
import { type EncodedResult, errorText, type GenerationResult, readResult } from './results.js'
import { retryDelayMs } from './retry.js'
import { MOVES } from './rules.js'
import { sleep } from './runtime.js'
import { announceMove, applyItem } from './settle.js'
import type { ApplyItem } from './storage.js'

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
  /** Ends the run without waiting for a handler that does not heed its signal. */
  giveBack: () => void = () => {}
  #controller: AbortController | undefined

  constructor(row: GenerationRow) {
    this.row = row
    this.lease = leaseOf(row)
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

export function createRunner(engine: Engine, handler: Handler, leaseMs = engine.settings.leaseMs): Runner {
  const keeper = createLeaseKeeper(engine, leaseMs)
  const running = new Map<number, Running>()

  const onCancelled = ({ queueId }: { queueId: number }) =>
    running
      .get(queueId)
      ?.abort(new GenqueueError('INVALID_TRANSITION', `generation ${queueId} was cancelled`))
  engine.events.emitter.on('cancelled', onCancelled)

  const execute = (entry: Running) =>
    handler(presentGeneration(entry.row), new RunContext(entry, reportProgress))

  const reportProgress = (fraction: number, row: GenerationRow) => {
    if (!(fraction >= 0 && fraction <= 1)) {
      throw new GenqueueError('VALIDATION', `progress must be a number from 0 to 1, not ${fraction}`)
    }
    keeper.progress(row.queueId, row.leaseToken as string, fraction)
    const { queueId, userId, modelId } = row
    if (engine.events.heard('progress')) {
      engine.events.emit('progress', { queueId, userId, modelId, at: engine.localNow(), progress: fraction })
    }
  }

  const run = async (row: GenerationRow, retries = true): Promise<RunReport> => {
    const entry = new Running(row)
    running.set(row.queueId, entry)
    keeper.hold(entry.lease, (error) => entry.abort(error))
    try {
      const outcome = await new Promise<Outcome | null>((resolve) => {
        entry.giveBack = () => resolve(null)
        void runHandler(engine, row, () => execute(entry), retries).then(resolve)
      })
      if (outcome === null) return { end: 'yielded', row, result: null, error: null }
      if (entry.aborted) return { end: 'lost', row, result: null, error: entry.reason }
      const event = await settleRun(engine, row, outcome.item)
      return { end: endOf(event), row, result: outcome.result, error: outcome.error }
    } finally {
      keeper.release(row.queueId, row.leaseToken as string)
      if (running.get(row.queueId) === entry) running.delete(row.queueId)
    }
  }

  return {
    run,
    get running() {
      return running.size
    },
    async yieldAll() {
      const entries = [...running.values()]
      const items = entries.map(({ row }) => applyItem(row.queueId, MOVES.yield, { token: row.leaseToken }))
      const applied = Promise.all(items.map((item) => engine.apply.add(item)))
      for (const entry of entries) {
        entry.giveBack()
        entry.abort(new GenqueueError('CLOSED', 'the worker closes; this generation goes back to the queue'))
      }
      await applied
    },
    stop() {
      keeper.stop()
      engine.events.emitter.off('cancelled', onCancelled)
    },
  }
}

const ENDS: Readonly<Record<string, RunEnd>> = {
  complete: 'completed',
  fail: 'failed',
  retryLater: 'retrying',
}
const endOf = (event: string | null): RunEnd => (event === null ? 'lost' : (ENDS[event] ?? 'lost'))

interface Outcome {
  readonly item: ApplyItem
  readonly result: EncodedResult | null
  readonly error: unknown
}

/** Calls the handler and turns what came of it into the move to apply. */
async function runHandler(
  engine: Engine,
  row: GenerationRow,
  execute: () => ReturnType<Handler>,
  retries: boolean,
): Promise<Outcome> {
  const token = row.leaseToken
  try {
    const result = clampTickets(engine, row, readResult('handler', await execute(), engine.settings))
    return { item: applyItem(row.queueId, MOVES.complete, { token, ...result }), result, error: null }
  } catch (error) {
    const { retry, randomness } = engine.settings
    const delayMs =
      retries && row.attempt < row.maxAttempts ? retryDelayMs(error, row.attempt, retry, randomness) : null
    const moves = delayMs === null ? MOVES.fail : [...MOVES.retryLater, ...MOVES.fail]
    const outcome = { token, delayMs: delayMs ?? 0, errorMessage: errorText(error, engine.settings) }
    return { item: applyItem(row.queueId, moves, outcome), result: null, error }
  }
}

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

/** Applies the settle, patiently while the storage is away; the event that won, or null when the lease was lost. */
async function settleRun(engine: Engine, row: GenerationRow, item: ApplyItem): Promise<string | null> {
  const { clock } = engine.settings
  const giveUpAt = clock.now() + SETTLE_PATIENCE_MS
  for (;;) {
    try {
      const result = await engine.apply.add(item)
      if (!result.ok) return null
      if (!result.repeated) announceMove(engine, row, item, result)
      return result.event
    } catch (error) {
      engine.report(error, 'settle')
      const away = error instanceof GenqueueError && error.code === 'STORAGE_UNAVAILABLE'
      if (!away || clock.now() >= giveUpAt || engine.closing.aborted) return null
      await sleep(clock, SETTLE_PAUSE_MS, engine.closing)
    }
  }
}
