const tails = new WeakMap<object, Promise<unknown>>()

/** One after the other for each owner, in the order of asking. */
export function serially<Result>(owner: object, run: () => Promise<Result>): Promise<Result> {
  const result = (tails.get(owner) ?? Promise.resolve()).then(run, run)
  tails.set(
    owner,
    result.catch(() => {}),
  )
  return result
}
