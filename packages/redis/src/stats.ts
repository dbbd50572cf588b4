import {
  HOUR_MS,
  type ModelStats,
  type RollupFact,
  type RollupQuery,
  STATUSES,
  type StatsQuery,
  type Status,
} from '@genqueue/core'
import { readLimit } from './limits.js'
import type { Caller } from './link.js'
import { packer } from './pack.js'
import type { Unpacker } from './unpack.js'

/** Hourly hashes that one call reads, and calls of one query: 64,000 hours of models. */
const ROLLUP_STEP = 64
const ROLLUP_STEPS_MAX = 1_000

export async function stats(caller: Caller, { modelIds, at }: StatsQuery): Promise<ModelStats[]> {
  packer
    .begin(3)
    .numberOrNone(at ?? null)
    .value(modelIds)
    .value(STATUSES)
  const reply = await caller.call('stats', packer.take())
  return Array.from({ length: reply.list() }, () => readStats(reply))
}

function readStats(reply: Unpacker): ModelStats {
  reply.list()
  const limit = readLimit(reply.text(), reply)
  const waiting = reply.number()
  const delayed = reply.number()
  const oldestQueuedAt = reply.numberOrNull()
  const activeStartedAt = readNumbers(reply)
  const recentRunMs = readNumbers(reply)
  const sizes = readNumbers(reply)
  const counts = Object.fromEntries(STATUSES.map((status, i) => [status, sizes[i]])) as Record<Status, number>
  return { ...limit, counts, waiting, delayed, oldestQueuedAt, activeStartedAt, recentRunMs }
}

const readNumbers = (reply: Unpacker): number[] => Array.from({ length: reply.list() }, () => reply.number())

export async function rollups(caller: Caller, { modelIds, fromHour }: RollupQuery): Promise<RollupFact[]> {
  const facts: RollupFact[] = []
  for (let step = 0; step < ROLLUP_STEPS_MAX; step++) {
    packer
      .begin(4)
      .value(modelIds)
      .number(fromHour)
      .number(step * ROLLUP_STEP)
      .number(ROLLUP_STEP)
    const reply = await caller.call('rollups', packer.take())
    let left = reply.list() - 1
    const more = reply.number() === 1
    for (; left > 0; left -= 3) facts.push(...readHour(Number(reply.text()), reply.text(), reply))
    if (!more) break
  }
  return facts
}

/** Fields are measure:bin:n with a count and measure:bin:s with a sum, absent when it is 0. */
function readHour(hour: number, modelId: string, reply: Unpacker): RollupFact[] {
  const values = new Map<string, number>()
  for (let left = reply.list(); left > 0; left -= 2) values.set(reply.text(), Number(reply.text()))
  return [...values].flatMap(([field, count]): RollupFact[] => {
    const [measure, bin, what] = field.split(':')
    if (what !== 'n') return []
    const sum = values.get(`${measure}:${bin}:s`) ?? 0
    return [{ modelId, hour, measure: measure as RollupFact['measure'], bin: Number(bin), count, sum }]
  })
}

/** The last hour that had ended by `before`. */
export const lastHourEnded = (before: number): number => before - HOUR_MS
