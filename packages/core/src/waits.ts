import type { Engine } from './engine.js'
import { estimateWaitMs } from './estimate.js'
import type { ModelStats } from './storage.js'

/** Answers how long a position has to wait, from statistics that are at most STATS_FRESH_MS old. */
export interface WaitEstimates {
  /** Whole seconds until the start; 0 when it may start now. */
  seconds(modelId: string, position: number): Promise<number>
}

/** Statistics of a model are read again after this long: an estimate needs no more, and reading costs a round trip. */
const STATS_FRESH_MS = 250
const CACHED_MODELS_MAX = 1_000

interface Cached {
  readonly readAt: number
  readonly stats: Promise<ModelStats | undefined>
}

export function createWaitEstimates(engine: Engine): WaitEstimates {
  const cache = new Map<string, Cached>()

  const read = (modelId: string): Promise<ModelStats | undefined> => {
    const now = engine.localNow()
    const cached = cache.get(modelId)
    if (cached !== undefined && now - cached.readAt < STATS_FRESH_MS && now >= cached.readAt)
      return cached.stats
    const stats = engine
      .call((s) => s.stats({ modelIds: [modelId], ...engine.at() }))
      .then(([first]) => first)
    cache.delete(modelId)
    cache.set(modelId, { readAt: now, stats })
    stats.catch(() => cache.delete(modelId))
    if (cache.size > CACHED_MODELS_MAX) cache.delete(cache.keys().next().value as string)
    return stats
  }

  return {
    async seconds(modelId, position) {
      const stats = await read(modelId)
      if (stats === undefined) return 0
      return Math.ceil(waitMsFrom(stats, position, engine) / 1_000)
    },
  }
}

/** The estimate from statistics already at hand, in milliseconds. */
export function waitMsFrom(stats: ModelStats, position: number, engine: Engine): number {
  return estimateWaitMs({
    position,
    maxConcurrent: stats.maxConcurrent,
    activeStartedAt: stats.activeStartedAt,
    recentRunMs: stats.recentRunMs,
    nowMs: engine.localNow(),
    defaultRunMs: engine.settings.defaultRunMs,
  })
}
