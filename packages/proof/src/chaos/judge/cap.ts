import { holdsUntil, type Run } from './runs.js'

export interface CapReport {
  readonly starts: number
  /** Handlers that began while as many others as the limit allows surely held the model's slots. */
  readonly overCap: readonly Run[]
  /** The most slots of each model that were surely held at one moment. */
  readonly most: Readonly<Record<string, number>>
  /** Handlers of stopped or cut-off processes that ran on after their lease; their results must not count. */
  readonly late: number
}

/**
 * Counts starts over the cap. A killed or stopped process keeps its slot until its lease lapses, however dead it is; what
 * a handler does after that is no longer its slot's, which is what a lease means.
 */
export function judgeCap(runs: readonly Run[], caps: Readonly<Record<string, number>>): CapReport {
  const most: Record<string, number> = {}
  const overCap: Run[] = []
  const holders = new Map<string, Run[]>()
  for (const run of runs) {
    const others = (holders.get(run.modelId) ?? []).filter((other) => holdsUntil(other) > run.beganAt)
    if (others.length >= (caps[run.modelId] ?? 0)) overCap.push(run)
    if (holdsUntil(run) > run.beganAt) others.push(run)
    holders.set(run.modelId, others)
    most[run.modelId] = Math.max(most[run.modelId] ?? 0, others.length)
  }
  const late = runs.filter(({ endedAt, leaseUntil }) => endedAt !== null && endedAt > leaseUntil).length
  return { starts: runs.length, overCap, most, late }
}
