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
  /** Resolves when nothing is pending or under way. */
  idle(): Promise<void>
}

interface Call<Item, Result> {
  readonly item: Item
  readonly resolve: (result: Result) => void
  readonly reject: (error: unknown) => void
}

/**
 * Gathers concurrent single calls into batches without a timer: what is called in one turn of the event loop
 * goes together, and while a batch is under way the next one collects. An idle queue thus waits for nothing,
 * and a busy one sends few large commands.
 */
export function createBatcher<Item, Result>(options: BatcherOptions<Item, Result>): Batcher<Item, Result> {
  const { run, batchMax, inFlight, pendingMax } = options
  // Batches to come, each at most batchMax long; calls join the last.
  const pending: Call<Item, Result>[][] = []
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
        const calls = pending.shift()
        if (calls === undefined) return
        waiting -= calls.length
        void runBatch(calls)
      }
    })
  }

  const join = (call: Call<Item, Result>) => {
    const last = pending[pending.length - 1]
    if (last === undefined || last.length === batchMax) pending.push([call])
    else last.push(call)
    waiting += 1
  }

  const runBatch = async (calls: readonly Call<Item, Result>[]) => {
    underWay += 1
    try {
      const results = await run(calls.map((call) => call.item))
      for (let i = 0; i < calls.length; i++) (calls[i] as Call<Item, Result>).resolve(results[i] as Result)
    } catch (error) {
      for (const call of calls) call.reject(error)
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

  return {
    add(item) {
      if (waiting >= pendingMax) {
        return Promise.reject(
          new GenqueueError(
            'QUEUE_FULL',
            `${pendingMax} calls already wait for the storage in this process; slow down or await earlier calls`,
          ),
        )
      }
      return new Promise<Result>((resolve, reject) => {
        join({ item, resolve, reject })
        schedule()
      })
    },
    idle() {
      if (pending.length === 0 && underWay === 0) return Promise.resolve()
      return new Promise((resolve) => idleWaiters.push(resolve))
    },
  }
}
