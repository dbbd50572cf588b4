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
  /** Resolves when nothing is pending or under way. */
  idle(): Promise<void>
}

/** Calls that go together. They share one promise, of which each takes its own answer. */
interface Batch<Item, Result> {
  readonly items: Item[]
  readonly answers: Promise<readonly Result[]>
  readonly answer: (results: readonly Result[]) => void
  readonly fail: (error: unknown) => void
}

function openBatch<Item, Result>(): Batch<Item, Result> {
  let answer: Batch<Item, Result>['answer'] = () => {}
  let fail: Batch<Item, Result>['fail'] = () => {}
  const answers = new Promise<readonly Result[]>((resolve, reject) => {
    answer = resolve
    fail = reject
  })
  return { items: [], answers, answer, fail }
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
    const batch = openBatch<Item, Result>()
    pending.push(batch)
    return batch
  }

  const runBatch = async ({ items, answer, fail }: Batch<Item, Result>) => {
    underWay += 1
    try {
      answer(await run(items))
    } catch (error) {
      fail(error)
    }
    underWay -= 1
    if (pending.length > 0) schedule()
    else if (underWay === 0) releaseIdle()
  }

  const releaseIdle = () => {
    const waiters = idleWaiters
    idleWaiters = []
    for (const resolve of waiters) resolve()
  }

  const addThen = <Out>(
    item: Item,
    read: (result: Result, item: Item) => Out | Promise<Out>,
  ): Promise<Out> => {
    if (waiting >= pendingMax) return Promise.reject(tooMany(pendingMax))
    const { items, answers } = lastOpen()
    const index = items.push(item) - 1
    waiting += 1
    schedule()
    return answers.then((results) => read(results[index] as Result, item))
  }

  return {
    add: (item) => addThen(item, itself<Result>),
    addThen,
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
