import type { Engine } from './engine.js'
import { estimateWait, type WaitEstimate } from './estimate.js'
import type { ModelStats } from './storage.js'

/** Answers how long a position has to wait, from statistics that are at most STATS_FRESH_MS old. */
export interface WaitEstimates {
  /** Whole seconds until the start; 0 when it may start now. */
  seconds(modelId: string, position: number): number | Promise<number>
}

/** Statistics of a model are read again after this long: an estimate needs no more, and reading costs a round trip. */
const STATS_FRESH_MS = 250
const CACHED_MODELS_MAX = 1_000

interface Cached {
  readonly readAt: number
  readonly estimate: Promise<WaitEstimate>
  /** The same once it is there: most calls then need no promise. */
  ready: WaitEstimate | undefined
}

export function createWaitEstimates(engine: Engine): WaitEstimates {
  const cache = new Map<string, Cached>()

  const read = (modelId: string, now: number): Cached => {
    const estimate = engine
      .call((s) => s.stats({ modelIds: [modelId], ...engine.at() }))
      .then(([stats]) => (stats === undefined ? () => 0 : waitEstimate(stats, engine)))
    const entry: Cached = { readAt: now, estimate, ready: undefined }
    cache.delete(modelId)
    cache.set(modelId, entry)
    estimate.then(
      (ready) => {
        entry.ready = ready
      },
      () => cache.delete(modelId),
    )
    if (cache.size > CACHED_MODELS_MAX) cache.delete(cache.keys().next().value as string)
    return entry
  }

  return {
    seconds(modelId, position) {
      const now = engine.localNow()
      const cached = cache.get(modelId)
      const fresh = cached !== undefined && now - cached.readAt < STATS_FRESH_MS && now >= cached.readAt
      const entry = fresh ? cached : read(modelId, now)
      if (entry.ready !== undefined) return toSeconds(entry.ready(position))
      return entry.estimate.then((estimate) => toSeconds(estimate(position)))
    },
  }
}

export const toSeconds = (ms: number) => Math.ceil(ms / 1_000)

/** The estimate from statistics already at hand. */
export function waitEstimate(stats: ModelStats, engine: Engine): WaitEstimate {
  return estimateWait({
    maxConcurrent: stats.maxConcurrent,
    activeStartedAt: stats.activeStartedAt,
    recentRunMs: stats.recentRunMs,
    nowMs: engine.localNow(),
    defaultRunMs: engine.settings.defaultRunMs,
  })
}
