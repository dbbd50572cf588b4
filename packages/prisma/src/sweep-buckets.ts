import { BUCKET_SPANS_MS } from './buckets.js'
import type { Database } from './database.js'
import { toNumber } from './row.js'

/** Counts looked at together, and how often one sweep looks for one queue. */
const STEP = 1_000
const STEPS_MAX = 20

/**
 * Removes counts of spans that everybody has left: those before the first that is not empty. What comes late, a retry, makes
 * its span's count anew.
 */
export async function sweepBuckets(database: Database): Promise<void> {
  const coarsest = BUCKET_SPANS_MS.length - 1
  const queues = await database.rows(
    // By the models, so that the key's index has them: the counts of short spans are many.
    `SELECT DISTINCT b."modelId", b."turn" FROM "ModelConcurrencyLimit" l
     JOIN "GenerationBucket" b ON b."modelId" = l."modelId" AND b."level" = ${coarsest}`,
  )
  for (const { modelId, turn } of queues) {
    for (let level = 0; level <= coarsest; level++) await sweepQueue(database, [modelId, turn, level])
  }
}

async function sweepQueue(database: Database, key: readonly unknown[]): Promise<void> {
  const where = '"modelId" = ? AND "turn" = ? AND "level" = ?'
  for (let step = 0; step < STEPS_MAX; step++) {
    const found = await database.rows(
      `SELECT "bucket", "count" FROM "GenerationBucket" WHERE ${where} ORDER BY "bucket", "lane" LIMIT ${STEP}`,
      key,
    )
    const first = found.find((raw) => toNumber(raw.count) !== 0) ?? found.at(-1)
    if (first === undefined || first === found[0]) return
    await database.run(`DELETE FROM "GenerationBucket" WHERE ${where} AND "bucket" < ? AND "count" = 0`, [
      ...key,
      toNumber(first.bucket),
    ])
    if (found.length < STEP || toNumber(first.count) !== 0) return
  }
}
