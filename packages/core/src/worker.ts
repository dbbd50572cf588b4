import { EventEmitter } from 'eventemitter3'
import { z } from 'zod'
import type { Engine } from './engine.js'
import { GenqueueError } from './errors.js'
import { createLooks } from './looks.js'
import { CLAIM_MAX, claimCommand, modelIdsSchema } from './process.js'
import type { Handler, RunEnd, RunReport } from './run.js'
import { createRunner, type Runner } from './runner.js'
import { sleep } from './runtime.js'
import { readInput } from './schemas/input.js'
import { leaseMsSchema } from './settings.js'
import { SWEEP_EVERY_MS, type Sweeper } from './sweep.js'

export interface WorkerOptions {
  /** Default: all models. */
  readonly models?: readonly string[] | undefined
  /** Most generations that this worker runs at once; the models' limits hold besides. Default 100. */
  readonly concurrency?: number | undefined
  /** How long its slots stay taken when it dies. Default: the queue's. */
  readonly leaseMs?: number | undefined
  /**
   * How often it looks for work that nothing told it of. Default 1,000. Where processes cannot tell each other, it looks
   * every 50 ms while there is work, and ever less often down to this while there is none.
   */
  readonly pollMs?: number | undefined
}

export interface WorkerEvents {
  /** A run of this worker ended. */
  finished: [
    event: {
      readonly queueId: number
      readonly modelId: string
      readonly end: RunEnd
      readonly attempt: number
    },
  ]
  /** It runs nothing and found nothing to run. */
  idle: []
  closed: []
}

export interface Worker {
  /** Starts claiming; answers itself, so that `queue.worker(handler).start()` reads well. */
  start(): Worker
  /**
   * No new claims; running handlers get `timeoutMs` (default 30,000) to end, then their signal is aborted and
   * their generations go back to the queue without costing an attempt.
   */
  close(options?: { readonly timeoutMs?: number | undefined }): Promise<void>
  on<Name extends keyof WorkerEvents>(name: Name, listener: (...payload: WorkerEvents[Name]) => void): Worker
  off<Name extends keyof WorkerEvents>(name: Name, listener: (...payload: WorkerEvents[Name]) => void): Worker
  /** Generations that it runs now. */
  readonly running: number
}

const optionsSchema = z
  .strictObject({
    models: modelIdsSchema,
    concurrency: z.int().min(1).max(CLAIM_MAX).default(100),
    leaseMs: leaseMsSchema.optional(),
    pollMs: z.int().min(1).max(3_600_000).default(1_000),
  })
  .prefault({})
const closeSchema = z.strictObject({ timeoutMs: z.int().min(0).max(3_600_000).default(30_000) }).prefault({})

export function readHandler(doing: string, handler: unknown): Handler {
  if (typeof handler === 'function') return handler as Handler
  throw new GenqueueError('VALIDATION', `${doing}: the handler must be a function`)
}

export function createWorker(
  engine: Engine,
  sweeper: Sweeper,
  handler: Handler,
  options?: WorkerOptions,
): Worker {
  const checked = readHandler('worker', handler)
  const { models, concurrency, leaseMs, pollMs } = readInput('worker', optionsSchema, options)
  const onWake = (ids: readonly string[]) => {
    if (models === undefined || ids.length === 0 || ids.some((id) => models.includes(id))) looks.ring()
  }
  const runner = createRunner(engine, checked, leaseMs, onWake)
  const emitter = new EventEmitter<WorkerEvents>()
  const stopping = new AbortController()
  let loop: Promise<unknown> | undefined
  let closing: Promise<void> | undefined

  const worker: Worker = {
    start() {
      if (closing !== undefined) throw new GenqueueError('CLOSED', 'this worker is closed; create a new one')
      loop ??= runLoop()
      return worker
    },
    close(closeOptions) {
      const { timeoutMs } = readInput('worker.close', closeSchema, closeOptions)
      closing ??= closeOnce(timeoutMs)
      return closing
    },
    on(name, listener) {
      emitter.on(name, listener as never)
      return worker
    },
    off(name, listener) {
      emitter.off(name, listener as never)
      return worker
    },
    get running() {
      return runner.running
    },
  }

  const looks = createLooks({
    engine,
    runner,
    concurrency,
    pollMs,
    stopping,
    claim: (max) => claimCommand(engine, models ?? null, max, leaseMs),
    onEnd: (report) => onEnd(report),
    onIdle: () => emitter.emit('idle'),
  })

  const runLoop = async () => {
    const stopWake = engine.onWake(onWake)
    engine.listen()
    const stopSweep = every(engine, SWEEP_EVERY_MS, stopping.signal, () => sweeper.sweepSoon())
    try {
      await looks.run()
    } finally {
      stopWake()
      stopSweep()
    }
  }

  const onEnd = ({ row, end }: RunReport) => {
    if (emitter.listenerCount('finished') === 0) return
    const { queueId, modelId, attempt } = row
    try {
      emitter.emit('finished', { queueId, modelId, end, attempt })
    } catch (error) {
      engine.report(error, 'a listener of finished')
    }
  }

  const closeOnce = async (timeoutMs: number) => {
    stopping.abort()
    await loop
    await settleWithin(engine, runner, timeoutMs)
    runner.stop()
    emitter.emit('closed')
  }
  return worker
}

const DRAIN_LOOK_MS = 20

/** Waits for running handlers, at most `timeoutMs`; then gives the rest back. */
export async function settleWithin(engine: Engine, runner: Runner, timeoutMs: number): Promise<number> {
  const { clock } = engine.settings
  const until = clock.now() + timeoutMs
  while (runner.running > 0 && clock.now() < until) {
    await sleep(clock, Math.min(DRAIN_LOOK_MS, until - clock.now()))
  }
  const left = runner.running
  if (left > 0) await runner.yieldAll().catch((error: unknown) => engine.report(error, 'yield'))
  return left
}

/** Calls `task` every `periodMs` until aborted or stopped. */
function every(engine: Engine, periodMs: number, signal: AbortSignal, task: () => void): () => void {
  let cancel: () => void = () => {}
  const tick = () => {
    if (signal.aborted) return
    task()
    cancel = engine.settings.clock.setTimer(tick, periodMs)
  }
  tick()
  return () => cancel()
}
