import type { Limit } from '../generation.js'
import type { LimitItem } from '../storage.js'

/** The limit after the item; the same object when nothing changes. */
export function planLimit(item: LimitItem, limit: Limit | undefined, at: number): Limit {
  if (limit !== undefined && item.onlyIfMissing) return limit
  const base = limit ?? { modelId: item.modelId, ...item.defaults, paused: false, active: 0, updatedAt: at }
  return {
    modelId: item.modelId,
    modelType: item.modelType ?? base.modelType,
    maxConcurrent: item.maxConcurrent ?? base.maxConcurrent,
    paused: item.paused ?? base.paused,
    active: base.active,
    updatedAt: at,
  }
}
