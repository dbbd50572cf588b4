import { NOWHERE } from './bag.js'
import { type Controller, createController } from './control.js'
import { type DrainOptions, type DrainReport, drain } from './drain.js'
import { createEngine, type Engine } from './engine.js'
import type { GenqueueError } from './errors.js'
import type { QueueEventName, QueueEvents } from './events.js'
import { createGate } from './gate.js'
import { type RepairReport, repair, type VerifyReport, verify } from './health.js'
import { type RunOutcome, runInline } from './inline.js'
import type { Lease } from './lease.js'
import { createLeaseKeeper, type Holder } from './lease-keeper.js'
import { createLimits, type Limits, missingLimits } from './limits.js'
import { createProcessor, type Processor } from './process.js'
import { createProducer, type Producer } from './produce.js'
import { createReader, type Reader } from './read.js'
import type { Handler } from './run.js'
import type { GenerationRequest } from './schemas/request.js'
import { type QueueOptions, readSettings } from './settings.js'
import { readStats, type StatsReport } from './stats.js'
import type { Storage } from './storage.js'
import { createSweeper } from './sweep.js'
import { createTickets, type Tickets } from './tickets.js'
import { createTransactionQueue, type TransactionQueue } from './transaction.js'
import { createWaitEstimates } from './waits.js'
import { createWorker, type Worker, type WorkerOptions } from './worker.js'

/** Everything an app does with its generations. Every method throws GenqueueError and nothing else. */
export interface Queue extends Producer, Processor, Controller, Reader {
  /** Submits, and runs the handler here when a slot is free; otherwise the generation waits for a worker. */
  run(request: GenerationRequest, handler: Handler): Promise<RunOutcome>
  /** Claims and runs in this process until closed; call start(). */
  worker(handler: Handler, options?: WorkerOptions): Worker
  /**
   * Renews a lease, together with all others of this queue object, until the returned function is called or the
   * lease is lost. For code that starts and settles by itself; workers keep their leases anyway.
   */
  keepLease(lease: Lease, onLost?: (error: GenqueueError) => void): () => void
  /** Runs what may run now within a deadline, then returns: for cron routes and serverless functions. */
  drain(handler: Handler, options?: DrainOptions): Promise<DrainReport>
  /** `max` is the highest maxConcurrent that may be set (limitMax). */
  readonly limits: Limits & { readonly max: number }
  readonly tickets: Tickets
  stats(): Promise<StatsReport>
  /** Checks the laws against the storage; changes nothing. */
  verify(): Promise<VerifyReport>
  /** Mends what verify() finds; `dryRun` only tells. */
  repair(options?: { readonly dryRun?: boolean | undefined }): Promise<RepairReport>
  on<Name extends QueueEventName>(name: Name, listener: (...payload: QueueEvents[Name]) => void): Queue
  once<Name extends QueueEventName>(name: Name, listener: (...payload: QueueEvents[Name]) => void): Queue
  off<Name extends QueueEventName>(name: Name, listener: (...payload: QueueEvents[Name]) => void): Queue
  /**
   * The same queue inside your own transaction (prisma.$transaction(async (tx) => ...)): what it does commits or rolls
   * back with the rest. Throws VALIDATION when the storage has no transactions, or `tx` is none.
   */
  using(transaction: unknown): TransactionQueue
  /** Lets calls under way finish, closes its workers and the storage. Later calls meet CLOSED. */
  close(): Promise<void>
}

/** A queue over a storage. Opens it, and creates the missing limits, before the first command. Throws VALIDATION. */
export function createQueue(options: QueueOptions): Queue {
  const settings = readSettings(options)
  const initialize = (storage: Storage, at: ReturnType<Engine['at']>) =>
    storage.limit({ items: missingLimits(settings), ...at })
  const engine = createEngine(settings, options.storage, initialize)
  const sweeper = createSweeper(engine)
  const waits = createWaitEstimates(engine)
  const producer = createProducer(engine, waits)
  const keeper = createLeaseKeeper(engine, settings.leaseMs)
  const workers = new Set<Worker>()

  const gate = createGate()
  let closing: Promise<void> | undefined

  const calls = gate.guard({
    ...producer,
    ...createProcessor(engine),
    ...createController(engine),
    ...createReader(engine, waits),
    canProcess(modelId: string) {
      // An app without a worker still gets the slots of dead processes back: those who ask for a slot look for them.
      sweeper.sweepSoon()
      return producer.canProcess(modelId)
    },
    submit(request: GenerationRequest) {
      sweeper.sweepSoon()
      return producer.submit(request)
    },
    run: (request: GenerationRequest, handler: Handler) => runInline(engine, producer, request, handler),
    drain: (handler: Handler, drainOptions?: DrainOptions) => drain(engine, sweeper, handler, drainOptions),
    stats: () => readStats(engine),
    verify: () => verify(engine),
    repair: (repairOptions?: { readonly dryRun?: boolean | undefined }) =>
      repair(engine, sweeper, repairOptions),
  })

  const queue: Queue = {
    ...calls,
    limits: { ...gate.guard(createLimits(engine)), max: settings.limitMax },
    tickets: gate.guard(createTickets(engine)),
    worker(handler, workerOptions) {
      const worker = createWorker(engine, sweeper, handler, workerOptions)
      workers.add(worker)
      worker.on('closed', () => workers.delete(worker))
      return worker
    },
    keepLease(lease, onLost = () => {}) {
      const lost = (error: GenqueueError) => {
        keeper.release(holder)
        onLost(error)
      }
      const holder: Holder = { lease, place: NOWHERE, progress: null, isLost: false, lost }
      keeper.hold(holder)
      return () => keeper.release(holder)
    },
    using: (transaction) => createTransactionQueue(engine, initialize, transaction),
    on(name, listener) {
      engine.events.emitter.on(name, listener as never)
      return queue
    },
    once(name, listener) {
      engine.events.emitter.once(name, listener as never)
      return queue
    },
    off(name, listener) {
      engine.events.emitter.off(name, listener as never)
      return queue
    },
    close() {
      closing ??= closeOnce()
      return closing
    },
  }

  const closeOnce = async () => {
    const lastCall = gate.close()
    await Promise.all([...workers].map((worker) => worker.close()))
    await lastCall
    keeper.stop()
    await engine.close()
  }
  return queue
}
