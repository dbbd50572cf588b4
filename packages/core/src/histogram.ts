/** Bins per doubling: a value is off by at most a sixth of itself when its bin's middle stands for it. */
const BINS_PER_DOUBLING = 4
const DOUBLINGS = 30

/**
 * Lower bounds of the histogram bins, milliseconds, integers, increasing: 1, 2, 3, 4, 5, 6, 7, 8, 10, 12, 14, 16, ...
 * up to about 12 days. The bin of a value is how many bounds are at most that value, so 0 is bin 0. Made of
 * integers only, so that every storage computes the same.
 */
export const HISTOGRAM_BOUNDS_MS: readonly number[] = Object.freeze(
  Array.from({ length: DOUBLINGS }, (_, octave) =>
    Array.from({ length: BINS_PER_DOUBLING }, (_, step) =>
      Math.floor((2 ** octave * (BINS_PER_DOUBLING + step)) / BINS_PER_DOUBLING),
    ),
  )
    .flat()
    .filter((bound, index, all) => bound !== all[index - 1]),
)

/** The bin of a duration, by binary search. */
export function histogramBin(ms: number): number {
  let low = 0
  let high = HISTOGRAM_BOUNDS_MS.length
  while (low < high) {
    const middle = (low + high) >> 1
    if ((HISTOGRAM_BOUNDS_MS[middle] as number) <= ms) low = middle + 1
    else high = middle
  }
  return low
}

/** The value below which a share `q` (0 to 1) of the counts lies, interpolated within its bin; null when empty. */
export function quantile(bins: ReadonlyMap<number, number>, q: number): number | null {
  const total = [...bins.values()].reduce((sum, count) => sum + count, 0)
  if (total === 0) return null
  let below = 0
  const wanted = q * total
  for (const [bin, count] of [...bins].sort(([a], [b]) => a - b)) {
    if (below + count >= wanted) {
      const low = bin === 0 ? 0 : (HISTOGRAM_BOUNDS_MS[bin - 1] as number)
      const high = HISTOGRAM_BOUNDS_MS[bin] ?? low
      return Math.round(low + ((high - low) * (wanted - below)) / count)
    }
    below += count
  }
  return null
}
