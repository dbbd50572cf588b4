import { GenqueueError } from './errors.js'

export interface BatcherOptions<Item, Result> {
  /** Answers one result per item, in order; throws when the whole batch failed. */
  readonly run: (items: readonly Item[]) => Promise<readonly Result[]>
  /** Most items of one batch. */
  readonly batchMax: number
  /** Batches that may be under way at once. */
  readonly inFlight: number
  /** Most calls that may wait for their turn; beyond it calls are refused at once. */
  readonly pendingMax: number
}

export interface Batcher<Item, Result> {
  add(item: Item): Promise<Result>
  /**
   * `add(item).then(read)` with one promise instead of two. `read` is given the item as well, so that one function
   * serves all calls: for what runs in every life, where promises and closures that wait for a batch are the better
   * part of what the garbage collector copies.
   */
  addThen<Out>(item: Item, read: (result: Result, item: Item) => Out | Promise<Out>): Promise<Out>
  /** `add` without a promise: the answer is handed to the receiver. */
  addFor(item: Item, receiver: Receiver<Item, Result>): void
  /** Resolves when nothing is pending or under way. */
  idle(): Promise<void>
}

/** Told once how its call went; must not throw. */
export interface Receiver<Item, Result> {
  answered(result: Result, item: Item): void
  failed(error: unknown, item: Item): void
}

/** Calls that go together. Those without a receiver share one promise, of which each takes its own answer. */
class Batch<Item, Result> {
  readonly items: Item[] = []
  readonly answers: Promise<readonly Result[]>
  readonly #receivers: (Receiver<Item, Result> | null)[] = []
  #answer: (results: readonly Result[]) => void = () => {}
  #fail: (error: unknown) => void = () => {}

  constructor() {
    this.answers = new Promise((resolve, reject) => {
      this.#answer = resolve
      this.#fail = reject
    })
    // Receivers are told, and perhaps nobody else is there to hear of a failure.
    this.answers.catch(() => {})
  }

  /** Answers its place among the results. */
  add(item: Item, receiver: Receiver<Item, Result> | null): number {
    this.#receivers.push(receiver)
    return this.items.push(item) - 1
  }

  answer(results: readonly Result[]): void {
    this.#answer(results)
    for (let i = 0; i < this.items.length; i++) {
      this.#receivers[i]?.answered(results[i] as Result, this.items[i] as Item)
    }
  }

  fail(error: unknown): void {
    this.#fail(error)
    for (let i = 0; i < this.items.length; i++) this.#receivers[i]?.failed(error, this.items[i] as Item)
  }
}

const itself = <Result>(result: Result): Result => result

/**
 * Gathers concurrent single calls into batches without a timer: what is called in one turn of the event loop
 * goes together, and while a batch is under way the next one collects. An idle queue thus waits for nothing,
 * and a busy one sends few large commands.
 */
export function createBatcher<Item, Result>(options: BatcherOptions<Item, Result>): Batcher<Item, Result> {
  const { run, batchMax, inFlight, pendingMax } = options
  // Batches to come, each at most batchMax long; calls join the last.
  const pending: Batch<Item, Result>[] = []
  let waiting = 0
  let underWay = 0
  let scheduled = false
  let idleWaiters: (() => void)[] = []

  const schedule = () => {
    if (scheduled || underWay >= inFlight || pending.length === 0) return
    scheduled = true
    // One turn later, so that all calls of this turn go together.
    queueMicrotask(() => {
      scheduled = false
      while (underWay < inFlight) {
        const batch = pending.shift()
        if (batch === undefined) return
        waiting -= batch.items.length
        void runBatch(batch)
      }
    })
  }

  const lastOpen = (): Batch<Item, Result> => {
    const last = pending[pending.length - 1]
    if (last !== undefined && last.items.length < batchMax) return last
    const batch = new Batch<Item, Result>()
    pending.push(batch)
    return batch
  }

  const runBatch = async (batch: Batch<Item, Result>) => {
    underWay += 1
    await run(batch.items).then(
      (results) => batch.answer(results),
      (error: unknown) => batch.fail(error),
    )
    underWay -= 1
    if (pending.length > 0) schedule()
    else if (underWay === 0) releaseIdle()
  }

  const releaseIdle = () => {
    const waiters = idleWaiters
    idleWaiters = []
    for (const resolve of waiters) resolve()
  }

  const called = () => {
    waiting += 1
    schedule()
  }

  const addThen = <Out>(
    item: Item,
    read: (result: Result, item: Item) => Out | Promise<Out>,
  ): Promise<Out> => {
    if (waiting >= pendingMax) return Promise.reject(tooMany(pendingMax))
    const batch = lastOpen()
    const index = batch.add(item, null)
    called()
    return batch.answers.then((results) => read(results[index] as Result, item))
  }

  return {
    add: (item) => addThen(item, itself<Result>),
    addThen,
    addFor(item, receiver) {
      if (waiting >= pendingMax) {
        receiver.failed(tooMany(pendingMax), item)
        return
      }
      lastOpen().add(item, receiver)
      called()
    },
    idle() {
      if (pending.length === 0 && underWay === 0) return Promise.resolve()
      return new Promise((resolve) => idleWaiters.push(resolve))
    },
  }
}

const tooMany = (pendingMax: number) =>
  new GenqueueError(
    'QUEUE_FULL',
    `${pendingMax} calls already wait for the storage in this process; slow down or await earlier calls`,
  )
