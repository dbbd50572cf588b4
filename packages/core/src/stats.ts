import { storageNow } from './control.js'
import type { Engine } from './engine.js'
import { HOUR_MS, type RollupFact } from './generation.js'
import { quantile } from './histogram.js'
import type { Status } from './rules.js'
import type { ModelStats } from './storage.js'
import { toSeconds, waitEstimate } from './waits.js'

/** How long generations waited and ran; null without any in the time looked at. Milliseconds. */
export interface Durations {
  readonly waitMsAverage: number | null
  readonly waitMsP50: number | null
  readonly waitMsP90: number | null
  readonly runMsAverage: number | null
  readonly runMsP50: number | null
  readonly runMsP90: number | null
}

export interface ModelReport extends Durations {
  readonly modelId: string
  readonly modelType: string
  readonly maxConcurrent: number
  readonly active: number
  readonly paused: boolean
  readonly atCapacity: boolean
  readonly counts: Readonly<Record<Status, number>>
  readonly waiting: number
  readonly delayed: number
  /** How long the one that starts next has waited; null when none waits. */
  readonly nextWaitMs: number | null
  /** Whole seconds that a newcomer would wait. */
  readonly estimatedWait: number
}

/** One model in one hour. */
export interface HourReport extends Durations {
  readonly modelId: string
  /** Start of the hour, epoch milliseconds. */
  readonly hour: number
  readonly admitted: number
  readonly started: number
  readonly completed: number
  readonly failed: number
  readonly cancelled: number
  readonly retried: number
  readonly reclaimed: number
  readonly ticketsCaptured: number
  readonly ticketsRefunded: number
  /** Slot time of the attempts that ended in this hour. */
  readonly busyMs: number
}

export interface StatsReport extends Durations {
  readonly at: number
  /** Stored generations by status, all models. */
  readonly queued: number
  readonly processing: number
  readonly completed: number
  readonly failed: number
  readonly cancelled: number
  readonly models: readonly ModelReport[]
  /** The last 24 hours, oldest first; hours without events are left out. */
  readonly hours: readonly HourReport[]
  /** The same hours over all models together. */
  readonly hourTotals: readonly Omit<HourReport, 'modelId'>[]
}

const HOURS_SHOWN = 24

/** The state of all models and what the last 24 hours brought, from rollups, without scanning generations. */
export async function readStats(engine: Engine): Promise<StatsReport> {
  const now = await storageNow(engine)
  const fromHour = Math.floor(now / HOUR_MS) * HOUR_MS - (HOURS_SHOWN - 1) * HOUR_MS
  const [stats, facts] = await Promise.all([
    engine.call((s) => s.stats({ modelIds: null, ...engine.at() })),
    engine.call((s) => s.rollups({ modelIds: null, fromHour })),
  ])
  const byModel = groupBy(facts, (fact) => fact.modelId)
  const total = (status: Status) => stats.reduce((sum, model) => sum + model.counts[status], 0)
  return {
    at: now,
    queued: total('queued'),
    processing: total('processing'),
    completed: total('completed'),
    failed: total('failed'),
    cancelled: total('cancelled'),
    ...durations(facts),
    models: stats.map((model) => modelReport(engine, model, byModel.get(model.modelId) ?? [], now)),
    hours: hourReports(facts),
    hourTotals: hourTotals(facts),
  }
}

// Map.groupBy needs Node 21.
function groupBy<Item>(items: readonly Item[], keyOf: (item: Item) => string): Map<string, Item[]> {
  const groups = new Map<string, Item[]>()
  for (const item of items) {
    const group = groups.get(keyOf(item))
    if (group === undefined) groups.set(keyOf(item), [item])
    else group.push(item)
  }
  return groups
}

function modelReport(
  engine: Engine,
  stats: ModelStats,
  facts: readonly RollupFact[],
  now: number,
): ModelReport {
  const { modelId, modelType, maxConcurrent, active, paused, counts, waiting, delayed, nextQueuedAt } = stats
  return {
    ...{ modelId, modelType, maxConcurrent, active, paused, counts, waiting, delayed },
    atCapacity: active >= maxConcurrent,
    nextWaitMs: nextQueuedAt === null ? null : Math.max(0, now - nextQueuedAt),
    estimatedWait: toSeconds(waitEstimate(stats, engine)(waiting + 1)),
    ...durations(facts),
  }
}

function hourReports(facts: readonly RollupFact[]): HourReport[] {
  const groups = groupBy(facts, (fact) => `${fact.hour} ${fact.modelId}`)
  return [...groups.values()]
    .map((group) => hourReport(group))
    .sort((a, b) => a.hour - b.hour || (a.modelId < b.modelId ? -1 : 1))
}

function hourTotals(facts: readonly RollupFact[]): Omit<HourReport, 'modelId'>[] {
  return [...groupBy(facts, (fact) => String(fact.hour)).values()]
    .map((group) => {
      const { modelId: _any, ...totals } = hourReport(group)
      return totals
    })
    .sort((a, b) => a.hour - b.hour)
}

function hourReport(facts: readonly RollupFact[]): HourReport {
  const { hour, modelId } = facts[0] as RollupFact
  const total = (pick: 'count' | 'sum', ...measures: RollupFact['measure'][]) =>
    facts.reduce((sum, fact) => (measures.includes(fact.measure) ? sum + fact[pick] : sum), 0)
  return {
    modelId,
    hour,
    admitted: total('count', 'admit', 'admitStarted', 'resubmit'),
    started: total('count', 'admitStarted', 'claim'),
    completed: total('count', 'complete'),
    failed: total('count', 'fail', 'giveUp', 'expire'),
    cancelled: total('count', 'cancel'),
    retried: total('count', 'retryLater'),
    reclaimed: total('count', 'reclaim', 'giveUp'),
    ticketsCaptured: total('sum', 'captured'),
    ticketsRefunded: total('sum', 'refunded'),
    busyMs: total('sum', 'run'),
    ...durations(facts),
  }
}

function durations(facts: readonly RollupFact[]): Durations {
  const wait = distribution(facts, 'wait')
  const run = distribution(facts, 'run')
  return {
    waitMsAverage: wait.average,
    waitMsP50: wait.p50,
    waitMsP90: wait.p90,
    runMsAverage: run.average,
    runMsP50: run.p50,
    runMsP90: run.p90,
  }
}

function distribution(facts: readonly RollupFact[], measure: 'wait' | 'run') {
  const bins = new Map<number, number>()
  let count = 0
  let sum = 0
  for (const fact of facts) {
    if (fact.measure !== measure) continue
    bins.set(fact.bin, (bins.get(fact.bin) ?? 0) + fact.count)
    count += fact.count
    sum += fact.sum
  }
  if (count === 0) return { average: null, p50: null, p90: null }
  return { average: Math.round(sum / count), p50: quantile(bins, 0.5), p90: quantile(bins, 0.9) }
}
