import { HOUR_MS, type PurgeCommand } from '@genqueue/core'
import { type Database, places } from './database.js'
import { type RawRow, toNumber } from './row.js'
import { COUNTS } from './schema/tables.js'
import { sweepBuckets } from './sweep-buckets.js'
import { insertAll } from './transactional/bulk.js'

/** Rows of one step, whatever is asked: a delete holds its rows until it is done. */
const STEP_MAX = 1_000

/** Removes at most `max` of what is old, in one short transaction. */
export function purge(database: Database, command: PurgeCommand, lane: number): Promise<number> {
  if (command.what === 'generations') {
    return database.transaction((within) => purgeGenerations(within, command, lane))
  }
  if (command.what === 'ledger') return purgeLedger(database, command)
  // Another sum that nobody needs any more, at the same hour.
  return sweepBuckets(database).then(() => purgeRollups(database, command))
}

type PurgeGenerations = Extract<PurgeCommand, { what: 'generations' }>

async function purgeGenerations(
  database: Database,
  { statuses, before, max }: PurgeGenerations,
  lane: number,
): Promise<number> {
  const limit = Math.min(Math.floor(max), STEP_MAX)
  if (statuses.length === 0 || limit <= 0) return 0
  const hold = database.provider === 'sqlite' ? '' : ' FOR UPDATE SKIP LOCKED'
  const found: RawRow[] = []
  for (const status of statuses) {
    // Each status by itself, so that the index has the order.
    const rows = await database.rows(
      `SELECT "id", "modelId", "status", "completedAt" FROM "GenerationQueue"
       WHERE "status" = ? AND "completedAt" <= ? ORDER BY "completedAt" LIMIT ${limit}${hold}`,
      [status, before],
    )
    found.push(...rows)
  }
  const oldest = found.sort((a, b) => toNumber(a.completedAt) - toNumber(b.completedAt)).slice(0, limit)
  if (oldest.length === 0) return 0
  const ids = oldest.map((raw) => toNumber(raw.id))
  await database.run(`DELETE FROM "GenerationQueue" WHERE "id" IN (${places(ids)})`, ids)
  await insertAll(database, COUNTS, ['modelId', 'status', 'lane', 'count'], removedCounts(oldest, lane), {
    add: ['count'],
  })
  return oldest.length
}

function removedCounts(rows: readonly RawRow[], lane: number) {
  const sums = new Map<string, { modelId: string; status: string; lane: number; count: number }>()
  for (const raw of rows) {
    const [modelId, status] = [String(raw.modelId), String(raw.status)]
    const key = JSON.stringify([modelId, status])
    const known = sums.get(key)
    if (known === undefined) sums.set(key, { modelId, status, lane, count: -1 })
    else known.count -= 1
  }
  return [...sums.entries()].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, row]) => row)
}

/** Entries are numbered in the order of their times, but for what several writers did in the same moment. */
async function purgeLedger(
  database: Database,
  { before, max }: { before: number; max: number },
): Promise<number> {
  const limit = Math.min(Math.floor(max), STEP_MAX)
  const oldest = await database.rows(`SELECT "id", "at" FROM "TicketLedger" ORDER BY "id" LIMIT ${limit}`)
  const ids = oldest.filter((raw) => toNumber(raw.at) <= before).map((raw) => toNumber(raw.id))
  if (ids.length === 0) return 0
  return database.run(`DELETE FROM "TicketLedger" WHERE "id" IN (${places(ids)})`, ids)
}

const ROLLUP_KEY = ['modelId', 'hour', 'measure', 'bin', 'lane'] as const
/** Rollups of one statement: each takes as many values as its key has columns. */
const ROLLUPS_AT_ONCE = STEP_MAX / ROLLUP_KEY.length

async function purgeRollups(
  database: Database,
  { before, max }: { before: number; max: number },
): Promise<number> {
  const limit = Math.min(Math.floor(max), STEP_MAX)
  let removed = 0
  for (let looked = 0; looked < limit; looked += ROLLUPS_AT_ONCE) {
    const wanted = Math.min(ROLLUPS_AT_ONCE, limit - looked)
    const oldest = await database.rows(
      `SELECT ${ROLLUP_KEY.map((column) => `"${column}"`).join(', ')} FROM "GenerationRollup"
       WHERE "hour" <= ? ORDER BY "hour" LIMIT ${wanted}`,
      // Hours that had ended by then.
      [before - HOUR_MS],
    )
    if (oldest.length > 0) removed += await removeRollups(database, oldest)
    if (oldest.length < wanted) break
  }
  return removed
}

function removeRollups(database: Database, rows: readonly RawRow[]): Promise<number> {
  const condition = `(${ROLLUP_KEY.map((column) => `"${column}" = ?`).join(' AND ')})`
  return database.run(
    `DELETE FROM "GenerationRollup" WHERE ${rows.map(() => condition).join(' OR ')}`,
    rows.flatMap((raw) => ROLLUP_KEY.map((column) => raw[column])),
  )
}
