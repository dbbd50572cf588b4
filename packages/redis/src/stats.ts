import {
  HOUR_MS,
  type ModelStats,
  type RollupFact,
  type RollupQuery,
  type StatsQuery,
  type Status,
} from '@genqueue/core'
import { readLimit } from './limits.js'
import type { Caller } from './link.js'
import { INDEXED_STATUSES, LEASED_STATUSES } from './moves.js'
import { packer } from './pack.js'
import type { Unpacker } from './unpack.js'

/** Hashes that one call reads, one a measure of a model's hour, and calls of one query. */
const ROLLUP_STEP = 500
const ROLLUP_STEPS_MAX = 2_000

export async function stats(caller: Caller, { modelIds, at }: StatsQuery): Promise<ModelStats[]> {
  packer
    .begin(3)
    .numberOrNone(at ?? null)
    .value(modelIds)
    .value(INDEXED_STATUSES)
  const { values } = await caller.call('stats', [packer.take()])
  return Array.from({ length: values.list() }, () => readStats(values))
}

function readStats(values: Unpacker): ModelStats {
  values.list()
  const limit = readLimit(values.text(), values)
  const waiting = values.number()
  const delayed = values.number()
  const nextQueuedAt = values.numberOrNull()
  const activeStartedAt = readNumbers(values)
  const recentRunMs = readNumbers(values)
  const sizes = readNumbers(values)
  // What holds a slot stands in one set for all leased statuses, of which there is one.
  const counts = Object.fromEntries([
    ...LEASED_STATUSES.map((status) => [status, limit.active]),
    ...INDEXED_STATUSES.map((status, i) => [status, sizes[i]]),
  ]) as Record<Status, number>
  return { ...limit, counts, waiting, delayed, nextQueuedAt, activeStartedAt, recentRunMs }
}

const readNumbers = (values: Unpacker): number[] =>
  Array.from({ length: values.list() }, () => values.number())

export async function rollups(caller: Caller, { modelIds, fromHour }: RollupQuery): Promise<RollupFact[]> {
  const facts: RollupFact[] = []
  for (let step = 0; step < ROLLUP_STEPS_MAX; step++) {
    packer
      .begin(4)
      .value(modelIds)
      .number(fromHour)
      .number(step * ROLLUP_STEP)
      .number(ROLLUP_STEP)
    const { values } = await caller.call('rollups', [packer.take()])
    let left = values.list() - 1
    const more = values.number() === 1
    for (; left > 0; left -= 4) facts.push(...readBins(values))
    if (!more) break
  }
  return facts
}

/** Fields are bin:n with a count and bin:s with a sum, absent when it is 0. */
function readBins(values: Unpacker): RollupFact[] {
  const hour = Number(values.text())
  const modelId = values.text()
  const measure = values.text() as RollupFact['measure']
  const fields = new Map<string, number>()
  for (let left = values.list(); left > 0; left -= 2) fields.set(values.text(), Number(values.text()))
  return [...fields].flatMap(([field, count]): RollupFact[] => {
    const [bin, what] = field.split(':')
    const sum = fields.get(`${bin}:s`) ?? 0
    return what === 'n' ? [{ modelId, hour, measure, bin: Number(bin), count, sum }] : []
  })
}

/** The last hour that had ended by `before`. */
export const lastHourEnded = (before: number): number => before - HOUR_MS

/** The server's clock, epoch milliseconds. */
export async function now(caller: Caller): Promise<number> {
  const { values } = await caller.call('now', [packer.begin(0).take()])
  values.list()
  return values.number()
}
