import { type Batcher, createBatcher } from './batcher.js'
import { type Claimer, SettleSender } from './claim-along.js'
import { GenqueueError, StorageError } from './errors.js'
import { createEmitter, type SafeEmitter } from './events.js'
import { ADMIT_QUEUED, ADMIT_STARTED } from './rules.js'
import { sleep } from './runtime.js'
import type { Settings } from './settings.js'
import type {
  AdmitItem,
  AdmitResult,
  ApplyItem,
  ApplyResult,
  RenewCommand,
  RenewResult,
  Storage,
} from './storage.js'

/** What the parts of one queue share: the storage behind retries and batches, settings, events, and its life. */
export interface Engine {
  readonly settings: Settings
  readonly storage: Storage
  readonly events: SafeEmitter
  /** The time that commands carry: the caller's clock, or nothing so that the storage's own counts. */
  at(): { at: number } | Record<string, never>
  /** Now by the caller's clock or this process's; only for what never leaves this process. */
  localNow(): number
  /** Whether the storage was opened and initialized. */
  isOpen(): boolean
  /** Runs a storage command once the queue is open; repeats transient failures (`again`), translates the rest. */
  call<Result>(command: (storage: Storage, again: boolean) => Promise<Result>): Promise<Result>
  readonly admit: Batcher<AdmitItem, AdmitResult>
  readonly apply: Batcher<ApplyItem, ApplyResult>
  /** The same with the row in the answer. */
  readonly applyWithRow: Batcher<ApplyItem, ApplyResult>
  readonly renew: Batcher<RenewCommand['items'][number] & { leaseMs: number }, RenewResult>
  /** Something may start now: workers of this process look at once, but for the one that knows. */
  wake(modelId: string, except?: WakeListener): void
  onWake(listener: WakeListener): () => void
  /** Lets a claim go out with the settles that free its slots. Answers how to stop. */
  claimAlong(claimer: Claimer): () => void
  /** Hears what other processes free and queue from now on, where the storage can tell. */
  listen(): void
  /** Reports what nobody awaits. */
  report(error: unknown, doing: string): void
  /** Runs in the background until the queue closes; failures are reported. */
  background(doing: string, task: () => Promise<void>): void
  readonly closing: AbortSignal
  close(): Promise<void>
}

export type WakeListener = (modelIds: readonly string[]) => void

const TRANSIENT_TRIES = 3
const TRANSIENT_BASE_MS = 50
const PENDING_MAX = 100_000

export function createEngine(
  settings: Settings,
  storage: Storage,
  /** Runs after the storage opened and before the first command. */
  initialize: (storage: Storage, at: ReturnType<Engine['at']>) => Promise<unknown>,
): Engine {
  const closing = new AbortController()
  const tasks = new Set<Promise<void>>()
  const wakeListeners = new Set<WakeListener>()
  let closed: Promise<void> | undefined
  let stopListening: Promise<() => Promise<void>> | undefined

  const wakeAll = (modelIds: readonly string[], except?: WakeListener) => {
    for (const listener of wakeListeners) if (listener !== except) listener(modelIds)
  }
  const report = (error: unknown, doing: string) => {
    const known = error instanceof GenqueueError ? error : translate(error, storage.name)
    settings.logger.error(`${doing}: ${known.code}`)
    events.emit('error', known)
  }
  const events = createEmitter((error) => {
    settings.logger.error('a listener threw')
    if (events.heard('error')) events.emitter.emit('error', translate(error, 'listener'))
  })

  const { open, isOpen, wasOpened } = createOpening(async () => {
    await attempt(settings, storage, closing.signal, () => storage.open())
    await attempt(settings, storage, closing.signal, () => initialize(storage, at()))
  })

  /** Runs a command of a call that was let in, also while the queue closes. */
  const carryOut: Engine['call'] = async (command) => {
    await open()
    return attempt(settings, storage, closing.signal, (again) => command(storage, again))
  }
  const batcher = <Item, Result>(
    run: (items: readonly Item[]) => Promise<readonly Result[]>,
  ): Batcher<Item, Result> => {
    const { batchMax, batchesInFlight: inFlight } = storage.supports
    const inner = createBatcher<Item, Result>({ run, batchMax, inFlight, pendingMax: PENDING_MAX })
    return {
      add: (item) => (closed === undefined ? inner.add(item) : Promise.reject(closedError())),
      addThen: (item, read) =>
        closed === undefined ? inner.addThen(item, read) : Promise.reject(closedError()),
      addFor: (item, receiver) =>
        closed === undefined ? inner.addFor(item, receiver) : receiver.failed(closedError(), item),
      idle: inner.idle,
    }
  }
  const at = () => (settings.ownClock ? { at: settings.clock.now() } : {})
  const { leaseMs, maxQueued } = settings
  const settles = new SettleSender(storage, carryOut, report)

  const engine: Engine = {
    settings,
    storage,
    events,
    at,
    localNow: () => settings.clock.now(),
    isOpen,
    async call(command) {
      if (closed !== undefined) throw closedError()
      return carryOut(command)
    },
    admit: batcher((items) =>
      carryOut((s, again) =>
        s.admit({ items, queued: ADMIT_QUEUED, started: ADMIT_STARTED, leaseMs, maxQueued, again, ...at() }),
      ),
    ),
    apply: batcher((items) => settles.send({ items, maxQueued, rows: false, ...at() })),
    applyWithRow: batcher((items) => carryOut((s) => s.apply({ items, maxQueued, rows: true, ...at() }))),
    renew: batcher((items) => renewByLease(carryOut, at, items)),
    wake: (modelId, except) => wakeAll([modelId], except),
    claimAlong: (claimer) => settles.add(claimer),
    onWake(listener) {
      wakeListeners.add(listener)
      return () => wakeListeners.delete(listener)
    },
    listen() {
      if (stopListening !== undefined || storage.listen === undefined) return
      const listening = open().then(() => storage.listen?.((ids) => wakeAll(ids)) ?? (async () => {}))
      stopListening = listening
      listening.catch((error: unknown) => {
        // Polling carries on; the next worker asks again.
        stopListening = undefined
        if (!closing.signal.aborted) report(error, 'listen')
      })
    },
    report,
    background(doing, task) {
      if (closed !== undefined) return
      const running = task()
        .catch((error: unknown) => {
          if (!closing.signal.aborted) report(error, doing)
        })
        .finally(() => tasks.delete(running))
      tasks.add(running)
    },
    closing: closing.signal,
    close() {
      closed ??= closeOnce()
      return closed
    },
  }

  const closeOnce = async () => {
    // Calls already made are let through; later ones meet CLOSED.
    await Promise.all([engine.admit, engine.apply, engine.applyWithRow, engine.renew].map((b) => b.idle()))
    closing.abort()
    await Promise.all(tasks)
    wakeListeners.clear()
    await stopListening?.then((stop) => stop()).catch(() => {})
    await wasOpened()?.then(() => storage.close())
  }
  return engine
}

/** Opens once, at the first call that needs it; after a failure the next call tries again. */
function createOpening(openOnce: () => Promise<void>) {
  let opening: Promise<void> | undefined
  let opened = false
  return {
    open(): Promise<void> {
      opening ??= openOnce().then(
        () => {
          opened = true
        },
        (error: unknown) => {
          opening = undefined
          throw error
        },
      )
      return opening
    },
    isOpen: () => opened,
    /** The opening under way or done; undefined when nobody needed it. */
    wasOpened: () => opening,
  }
}

/** One renewal command carries one lease length, so a batch is split by it; nearly always there is one. */
async function renewByLease(
  carryOut: Engine['call'],
  at: Engine['at'],
  items: readonly (RenewCommand['items'][number] & { leaseMs: number })[],
): Promise<readonly RenewResult[]> {
  const lengths = [...new Set(items.map((item) => item.leaseMs))]
  const results = new Array<RenewResult>(items.length)
  for (const leaseMs of lengths) {
    const indexes = items.flatMap((item, index) => (item.leaseMs === leaseMs ? [index] : []))
    const part = indexes.map((index) => items[index] as (typeof items)[number])
    const answers = await carryOut((s) => s.renew({ items: part, leaseMs, ...at() }))
    for (const [i, index] of indexes.entries()) results[index] = answers[i] as RenewResult
  }
  return results
}

/** Every command is safe to repeat, so a transient failure is tried again, a bounded number of times. */
async function attempt<Result>(
  { clock, randomness }: Settings,
  storage: Storage,
  signal: AbortSignal,
  command: (again: boolean) => Promise<Result>,
): Promise<Result> {
  for (let tries = 1; ; tries++) {
    try {
      return await command(tries > 1)
    } catch (error) {
      const again = error instanceof StorageError && error.transient && tries < TRANSIENT_TRIES
      if (!again || signal.aborted) throw translate(error, storage.name)
      await sleep(clock, randomness.next() * TRANSIENT_BASE_MS * 2 ** tries, signal)
    }
  }
}

function translate(error: unknown, name: string): GenqueueError {
  if (error instanceof GenqueueError) return error
  const message = error instanceof Error ? error.message : String(error)
  return new GenqueueError('STORAGE_UNAVAILABLE', `${name} storage: ${message}`, { cause: error })
}

export const closedError = () =>
  new GenqueueError('CLOSED', 'this queue is closed; create a new one to go on')
