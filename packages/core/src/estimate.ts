export interface WaitInput {
  /** 1 = next. */
  readonly position: number
  readonly maxConcurrent: number
  /** Start of each generation that is processing, epoch milliseconds. */
  readonly activeStartedAt: readonly number[]
  /** The model's latest run times, milliseconds, newest first. */
  readonly recentRunMs: readonly number[]
  readonly nowMs: number
  /** Assumed while there are no run times. */
  readonly defaultRunMs: number
}

/** How long until the generation at this position starts, in milliseconds. */
export function estimateWaitMs(input: WaitInput): number {
  const { position, maxConcurrent, activeStartedAt, recentRunMs, nowMs, defaultRunMs } = input
  const free = Math.max(0, maxConcurrent - activeStartedAt.length)
  if (position <= free) return 0
  const mean =
    recentRunMs.length === 0
      ? defaultRunMs
      : recentRunMs.reduce((sum, ms) => sum + ms, 0) / recentRunMs.length
  const remaining = activeStartedAt
    .map((startedAt) => Math.max(0, mean - Math.max(0, nowMs - startedAt)))
    .sort((a, b) => a - b)
  const turn = position - free - 1
  const slots = Math.max(1, maxConcurrent)
  const rounds = Math.floor(turn / slots)
  return Math.round(rounds * mean + (remaining[turn % slots] ?? mean))
}
