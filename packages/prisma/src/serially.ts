// Of the process, not of this module: bundlers and hot reloads load it more than once.
const SHARED = Symbol.for('@genqueue/prisma: serially')
const shared = globalThis as { [SHARED]?: Map<unknown, Promise<unknown>> }
shared[SHARED] ??= new Map()
/** The last of those that wait or run, by key. */
const tails = shared[SHARED]

/** One after the other for each key, in the order of asking. */
export function serially<Result>(key: unknown, run: () => Promise<Result>): Promise<Result> {
  const result = (tails.get(key) ?? Promise.resolve()).then(run)
  const tail: Promise<unknown> = result.then(leave, leave)
  function leave() {
    if (tails.get(key) === tail) tails.delete(key)
  }
  tails.set(key, tail)
  return result
}
