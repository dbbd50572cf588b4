import type { MendCommand } from '@genqueue/core'
import { BUCKET_SPANS_MS } from './buckets.js'
import type { Database } from './database.js'
import { readLive } from './reads/stats.js'
import { toNumber } from './row.js'
import { BUCKETS, COUNTS } from './schema/tables.js'
import { insertAll } from './transactional/bulk.js'
import { holdAccounts, holdLimits } from './transactional/load.js'

/** Each model and each user in a transaction of its own: a mend of many never holds more than one. */
export async function mend(database: Database, { modelIds, userIds }: MendCommand): Promise<void> {
  for (const modelId of modelIds) {
    await database.transaction((within) => mendModel(within, modelId))
  }
  for (const userId of userIds) {
    await database.transaction((within) => mendUser(within, userId))
  }
}

async function mendModel(database: Database, modelId: string): Promise<void> {
  const { limits } = await holdLimits(database, [modelId])
  if (limits.length === 0) return
  // Whoever takes or frees a slot holds the limit, so this count stands still.
  await database.run(
    `UPDATE "ModelConcurrencyLimit" SET "currentActive" =
     (SELECT COUNT(*) FROM "GenerationQueue" WHERE "place" = 'leased' AND "modelId" = ?) WHERE "modelId" = ?`,
    [modelId, modelId],
  )
  await mendCounts(database, modelId)
  for (const [level, span] of BUCKET_SPANS_MS.entries()) await mendBuckets(database, modelId, level, span)
}

/**
 * Rows and their counts change together, so within one statement's view the difference is exact, and adding it does not
 * disturb whoever counts at the same moment.
 */
async function mendCounts(database: Database, modelId: string): Promise<void> {
  const found = await database.rows(
    `SELECT "status", SUM("n") AS "difference" FROM (
       SELECT "status", COUNT(*) AS "n" FROM "GenerationQueue" WHERE "modelId" = ? GROUP BY "status"
       UNION ALL SELECT "status", -"count" AS "n" FROM "GenerationCount" WHERE "modelId" = ?
     ) AS "both" GROUP BY "status"`,
    [modelId, modelId],
  )
  const rows = found
    .map((raw) => ({ modelId, status: String(raw.status), lane: 0, count: toNumber(raw.difference) }))
    .filter((row) => row.count !== 0)
  await insertAll(database, COUNTS, ['modelId', 'status', 'lane', 'count'], rows, { add: ['count'] })
}

async function mendBuckets(
  database: Database,
  modelId: string,
  level: number,
  spanMs: number,
): Promise<void> {
  const bucket = database.provider === 'mysql' ? `"queuedAt" DIV ${spanMs}` : `"queuedAt" / ${spanMs}`
  const found = await database.rows(
    `SELECT "turn", "bucket", "lane", SUM("n") AS "difference" FROM (
       SELECT "turn", ${bucket} AS "bucket", "lane", COUNT(*) AS "n" FROM "GenerationQueue"
       WHERE "place" = 'ready' AND "modelId" = ? GROUP BY "turn", ${bucket}, "lane"
       UNION ALL SELECT "turn", "bucket", "lane", -"count" AS "n" FROM "GenerationBucket"
       WHERE "modelId" = ? AND "level" = ${level}
     ) AS "both" GROUP BY "turn", "bucket", "lane" HAVING SUM("n") <> 0`,
    [modelId, modelId],
  )
  const rows = found.map((raw) => ({
    modelId,
    level,
    turn: toNumber(raw.turn),
    bucket: toNumber(raw.bucket),
    lane: toNumber(raw.lane),
    count: toNumber(raw.difference),
  }))
  await insertAll(database, BUCKETS, ['modelId', 'level', 'turn', 'bucket', 'lane', 'count'], rows, {
    add: ['count'],
  })
}

/** A balance that was edited by hand is taken at its word. */
async function mendUser(database: Database, userId: string): Promise<void> {
  const accounts = await holdAccounts(database, [userId])
  if (accounts.length === 0) return
  const live = (await readLive(database, [userId])).get(userId) ?? 0
  await database.run(
    'UPDATE "Ticket" SET "reserved" = ?, "granted" = "balance" + "captured" WHERE "userId" = ?',
    [live, userId],
  )
}
