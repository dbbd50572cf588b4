export interface WaitInput {
  readonly maxConcurrent: number
  /** Start of each generation that is processing, epoch milliseconds. */
  readonly activeStartedAt: readonly number[]
  /** The model's latest run times, milliseconds, newest first. */
  readonly recentRunMs: readonly number[]
  readonly nowMs: number
  /** Assumed while there are no run times. */
  readonly defaultRunMs: number
}

/** Milliseconds until the generation at a position (1 = next) starts. */
export type WaitEstimate = (position: number) => number

/**
 * Prepares the estimate from what is known of a model now; each position then costs a division and a look-up. The
 * slots come free in the order in which the running ones are expected to end, and round after round from there.
 */
export function estimateWait(input: WaitInput): WaitEstimate {
  const { maxConcurrent, activeStartedAt, recentRunMs, nowMs, defaultRunMs } = input
  const meanMs = recentRunMs.length === 0 ? defaultRunMs : average(recentRunMs)
  const free = Math.max(0, maxConcurrent - activeStartedAt.length)
  const remaining = activeStartedAt
    .map((startedAt) => remainingMs(Math.max(0, nowMs - startedAt), recentRunMs, meanMs))
    .sort((a, b) => a - b)
  const slots = Math.max(1, maxConcurrent)
  return (position) => {
    if (position <= free) return 0
    const turn = position - free - 1
    const round = Math.floor(turn / slots)
    return Math.round(round * meanMs + (remaining[turn % slots] ?? meanMs))
  }
}

const average = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length

/** What a run that has lasted `elapsedMs` is still expected to take, going by the recent runs that lasted longer. */
function remainingMs(elapsedMs: number, recentRunMs: readonly number[], meanMs: number): number {
  const longer = recentRunMs.filter((runMs) => runMs > elapsedMs)
  if (longer.length > 0) return average(longer) - elapsedMs
  return recentRunMs.length === 0 ? Math.max(0, meanMs - elapsedMs) : meanMs / 10
}
