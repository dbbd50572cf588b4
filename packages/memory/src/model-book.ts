import { compareWaiting, type Limit, RECENT_RUNS_MAX, STATUSES, type Status } from '@genqueue/core'
import { byId, byNotBefore } from './orders.js'
import { Rollups } from './rollups.js'
import { SortedSet } from './sorted-set.js'
import type { StoredRow, Writable } from './stored-row.js'

export const forEachStatus = <Value>(make: () => Value) =>
  Object.fromEntries(STATUSES.map((status) => [status, make()])) as Record<Status, Value>

/** One model: its limit, its queue and who runs. */
export class ModelBook {
  /** Edited in place, a slot at a time; a copy is handed out. */
  readonly limit: Writable<Limit>
  readonly waiting = new SortedSet<StoredRow>(compareWaiting)
  readonly delayed = new SortedSet<StoredRow>(byNotBefore)
  readonly idsByStatus = forEachStatus(() => new SortedSet<number>(byId))
  readonly rollups = new Rollups()
  /** Newest first. */
  readonly recentRunMs: number[] = []

  constructor(limit: Limit) {
    this.limit = { ...limit }
  }

  ran(runMs: number): void {
    if (this.recentRunMs.length === RECENT_RUNS_MAX) this.recentRunMs.pop()
    this.recentRunMs.unshift(runMs)
  }

  /** Delayed rows whose time has come go to the queue. */
  promoted(at: number): this {
    for (let next = this.delayed.first(); next !== undefined; next = this.delayed.first()) {
      if ((next.notBefore as number) > at) return this
      this.delayed.delete(next)
      this.waiting.add(next)
    }
    return this
  }
}
