import { BUCKET_SPANS_MS } from '../buckets.js'
import { type Database, places } from '../database.js'
import { type RawRow, toNumber } from '../row.js'

/** A place in a model's order; `queueId` is that of the row, or higher than any for one yet to come. */
export interface Spot {
  readonly modelId: string
  readonly turn: number
  readonly queuedAt: number
  readonly queueId: number
}

/** Higher than the id of any row. */
export const AFTER_ALL = 2_147_483_647

/** Spots of one statement. */
const SPOTS_MAX = 40

const WITHIN = '"modelId" = ? AND "turn" = ? AND "level" = ?'
const COUNT_AHEAD = [
  'SELECT CAST(? AS INTEGER) AS "spot"',
  ', (SELECT COALESCE(SUM("count"), 0) FROM "GenerationBucket" WHERE "modelId" = ? AND "level" = 2 AND "turn" < ?)',
  ` + (SELECT COALESCE(SUM("count"), 0) FROM "GenerationBucket" WHERE ${WITHIN} AND "bucket" < ?)`,
  ` + (SELECT COALESCE(SUM("count"), 0) FROM "GenerationBucket" WHERE ${WITHIN} AND "bucket" >= ? AND "bucket" < ?)`,
  ` + (SELECT COALESCE(SUM("count"), 0) FROM "GenerationBucket" WHERE ${WITHIN} AND "bucket" >= ? AND "bucket" < ?)`,
  ' + (SELECT COUNT(*) FROM "GenerationQueue" WHERE "place" = \'ready\' AND "modelId" = ? AND "turn" = ?',
  ' AND "queuedAt" >= ? AND "queuedAt" <= ? AND ("queuedAt" < ? OR "id" < ?))',
  ' + (SELECT COUNT(*) FROM "GenerationQueue" WHERE "place" = \'delayed\' AND "dueAt" <= ? AND "notBefore" <= ?',
  ' AND "modelId" = ? AND ("turn" < ? OR ("turn" = ? AND ("queuedAt" < ? OR ("queuedAt" = ? AND "id" < ?)))))',
  ' AS "ahead"',
].join('')

/** How many generations that may start at `at` stand before each spot, in their order. */
export async function countAhead(database: Database, spots: readonly Spot[], at: number): Promise<number[]> {
  const counts: number[] = []
  for (let from = 0; from < spots.length; from += SPOTS_MAX) {
    const part = spots.slice(from, from + SPOTS_MAX)
    const sql = part.map(() => COUNT_AHEAD).join(' UNION ALL ')
    const found = await database.rows(
      database.provider === 'mysql' ? sql.replaceAll('AS INTEGER', 'AS SIGNED') : sql,
      part.flatMap((spot, index) => valuesOf(spot, index, at)),
    )
    const bySpot = new Map(found.map((row) => [toNumber(row.spot), toNumber(row.ahead)]))
    for (let index = 0; index < part.length; index++) counts.push(bySpot.get(index) ?? 0)
  }
  return counts
}

function valuesOf({ modelId, turn, queuedAt, queueId }: Spot, index: number, at: number): unknown[] {
  const [fine, middle, coarse] = BUCKET_SPANS_MS.map((span) => Math.floor(queuedAt / span)) as [
    number,
    number,
    number,
  ]
  const [fineSpan, middleSpan, coarseSpan] = BUCKET_SPANS_MS
  return [
    ...[index, modelId, turn],
    ...[modelId, turn, 2, coarse],
    ...[modelId, turn, 1, (coarse * coarseSpan) / middleSpan, middle],
    ...[modelId, turn, 0, (middle * middleSpan) / fineSpan, fine],
    ...[modelId, turn, fine * fineSpan, queuedAt, queuedAt, queueId],
    ...[at, at, modelId, turn, turn, queuedAt, queuedAt, queueId],
  ]
}

/** 1 = next; null for what does not wait. */
export async function readPositions(
  database: Database,
  queueIds: readonly number[],
  at: number,
): Promise<(number | null)[]> {
  if (queueIds.length === 0) return []
  const found = await database.rows(
    `SELECT "id", "modelId", "turn", "queuedAt" FROM "GenerationQueue"
     WHERE "id" IN (${places(queueIds)}) AND "place" IN ('ready', 'delayed')`,
    queueIds,
  )
  const ahead = await countAhead(database, found.map(spotOf), at)
  const positions = new Map(found.map((row, index) => [toNumber(row.id), (ahead[index] as number) + 1]))
  return queueIds.map((id) => positions.get(id) ?? null)
}

const spotOf = (row: RawRow): Spot => ({
  modelId: String(row.modelId),
  turn: toNumber(row.turn),
  queuedAt: toNumber(row.queuedAt),
  queueId: toNumber(row.id),
})
