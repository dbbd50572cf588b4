import { compareWaiting, type GenerationRow, type Limit, STATUSES, type Status } from '@genqueue/core'
import { byId, byNotBefore } from './orders.js'
import { Rollups } from './rollups.js'
import { SortedSet } from './sorted-set.js'

export const forEachStatus = <Value>(make: () => Value) =>
  Object.fromEntries(STATUSES.map((status) => [status, make()])) as Record<Status, Value>

/** One model: its limit, its queue and who runs. */
export class ModelBook {
  limit: Limit
  readonly waiting = new SortedSet<GenerationRow>(compareWaiting)
  readonly delayed = new SortedSet<GenerationRow>(byNotBefore)
  readonly idsByStatus = forEachStatus(() => new SortedSet<number>(byId))
  readonly rollups = new Rollups()
  /** Newest first. */
  readonly recentRunMs: number[] = []

  constructor(limit: Limit) {
    this.limit = limit
  }

  takeSlot(slot: number): void {
    const { modelId, modelType, maxConcurrent, paused, active, updatedAt } = this.limit
    this.limit = { modelId, modelType, maxConcurrent, paused, active: active + slot, updatedAt }
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
