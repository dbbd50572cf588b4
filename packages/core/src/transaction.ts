import { type Controller, createController } from './control.js'
import { createEngine, type Engine } from './engine.js'
import { GenqueueError } from './errors.js'
import type { QueueEventName } from './events.js'
import { createProducer, type Producer } from './produce.js'
import type { Storage } from './storage.js'
import { createTickets, type Tickets } from './tickets.js'
import { createWaitEstimates } from './waits.js'

/** What may be done inside the caller's own transaction: it stays or goes with everything else there. */
export interface TransactionQueue
  extends Pick<Producer, 'enqueue' | 'enqueueMany'>,
    Pick<Controller, 'cancel'> {
  readonly tickets: Tickets
  /**
   * Call it once your transaction has committed: emits the events and wakes the workers of this process. Without it they
   * find the work at their next poll, and nobody hears of it.
   */
  committed(): void
}

const EVENTS_TOLD: readonly QueueEventName[] = ['queued', 'cancelled']

/** The same queue on a transaction that the caller began and will end. Throws VALIDATION where the storage has none. */
export function createTransactionQueue(
  parent: Engine,
  initialize: (storage: Storage, at: ReturnType<Engine['at']>) => Promise<unknown>,
  transaction: unknown,
): TransactionQueue {
  const engine = createEngine(
    parent.settings,
    storageWithin(parent.storage, transaction),
    async (storage, at) => {
      // What the queue does at its first command would otherwise wait for this very transaction, or be missing in it.
      if (!parent.isOpen()) await initialize(storage, at)
    },
  )
  const woken = new Set<string>()
  const told: (() => void)[] = []
  engine.onWake((modelIds) => {
    for (const modelId of modelIds) woken.add(modelId)
  })
  for (const name of EVENTS_TOLD) {
    engine.events.emitter.on(name, (...payload) => {
      told.push(() => parent.events.emit(name, ...(payload as never)))
    })
  }
  const { enqueue, enqueueMany } = createProducer(engine, createWaitEstimates(engine))
  return {
    enqueue,
    enqueueMany,
    cancel: createController(engine).cancel,
    tickets: createTickets(engine),
    committed() {
      for (const tell of told.splice(0)) tell()
      for (const modelId of woken) parent.wake(modelId)
      woken.clear()
    },
  }
}

function storageWithin(storage: Storage, transaction: unknown): Storage {
  if (storage.within === undefined) {
    throw new GenqueueError(
      'VALIDATION',
      `using(tx): the ${storage.name} storage has no transactions; use prismaStorage, or call the queue itself`,
    )
  }
  try {
    // The caller opened what it runs on, and will end it.
    return { ...storage.within(transaction), open: async () => {}, close: async () => {} }
  } catch (cause) {
    throw new GenqueueError('VALIDATION', cause instanceof Error ? cause.message : String(cause), { cause })
  }
}
