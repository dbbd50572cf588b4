import { holdsUntil, type Run } from './runs.js'

export interface CapReport {
  readonly starts: number
  /** Handlers that began while as many others as the limit allows surely held the model's slots. */
  readonly overCap: readonly Run[]
  /** The most slots of each model that were surely held at one moment. */
  readonly most: Readonly<Record<string, number>>
  /** Handlers of stopped or cut-off processes that ran on after their lease; their results must not count. */
  readonly late: number
  /**
   * Starts after which more handlers ran than the limit allows, those included that had lost their slot and did not know
   * yet: cancelled, or stopped past their lease. No lease can prevent them, and a provider sees them.
   */
  readonly besideStale: number
}

/**
 * Counts starts over the cap. A killed or stopped process keeps its slot until its lease lapses, however dead it is; what
 * a handler does after that is no longer its slot's, which is what a lease means.
 */
export function judgeCap(runs: readonly Run[], caps: Readonly<Record<string, number>>): CapReport {
  const held = startsOver(runs, caps, holdsUntil)
  const late = runs.filter(({ endedAt, leaseUntil }) => endedAt !== null && endedAt > leaseUntil).length
  const besideStale = startsOver(runs, caps, runsUntil).over.length
  return { starts: runs.length, overCap: held.over, most: held.most, late, besideStale }
}

const runsUntil = ({ endedAt, diedAt }: Run): number => endedAt ?? diedAt ?? Number.POSITIVE_INFINITY

/** Takes runs in the order of their begin. */
function startsOver(
  runs: readonly Run[],
  caps: Readonly<Record<string, number>>,
  untilOf: (run: Run) => number,
) {
  const most: Record<string, number> = {}
  const over: Run[] = []
  const holders = new Map<string, Run[]>()
  for (const run of runs) {
    const others = (holders.get(run.modelId) ?? []).filter((other) => untilOf(other) > run.beganAt)
    if (others.length >= (caps[run.modelId] ?? 0)) over.push(run)
    if (untilOf(run) > run.beganAt) others.push(run)
    holders.set(run.modelId, others)
    most[run.modelId] = Math.max(most[run.modelId] ?? 0, others.length)
  }
  return { over, most }
}
