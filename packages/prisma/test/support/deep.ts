import { limitCommand, limitItem } from '@genqueue/core/testing'
import type { PrismaLike, Provider } from '@genqueue/prisma'
import { prismaStorage } from '@genqueue/prisma'

/** Of a backlog and a history that are older than what a test adds. */
export const DEEP = {
  models: 8,
  users: 1_000,
  modelId: 'deep-3',
  userId: 'user-123',
  /** Has a tenth of what is done, and nothing since. */
  formerUserId: 'former',
  since: 1_750_000_000_000,
} as const
/** More slots than a test takes. */
const SLOTS = 10_000

export interface Depth {
  readonly queued: number
  readonly completed: number
}

/** Fills tables as months of use would: what waits, what is done, their ledger, counts and rollups. */
export async function fillDeep(
  client: PrismaLike,
  provider: Provider,
  { queued, completed }: Depth,
): Promise<void> {
  const run = (sql: string) => client.$executeRawUnsafe(provider === 'mysql' ? inMysql(sql) : sql)
  const modelIds = Array.from({ length: DEEP.models }, (_, n) => `deep-${n}`)
  const storage = prismaStorage(client)
  const items = modelIds.map((id) =>
    limitItem(id, { defaults: { modelType: 'image', maxConcurrent: SLOTS } }),
  )
  await storage.limit(limitCommand(items, DEEP.since))
  await run(generations('done', 'completed', completed))
  await run(generations('ready', 'queued', queued))
  await run(`INSERT INTO "TicketLedger" ("userId", "at", "kind", "amount", "balance", "reserved", "queueId")
    SELECT "userId", "queuedAt", 'reserve', 1, 1000, 1, "id" FROM "GenerationQueue"`)
  await run(`INSERT INTO "Ticket" ("userId", "balance", "reserved", "granted", "captured")
    SELECT "userId", 1000000, SUM(CASE "place" WHEN 'ready' THEN 1 ELSE 0 END), 1000000, 0
    FROM "GenerationQueue" GROUP BY "userId"`)
  // No two of fewer than 500 times 19 have both of them in common.
  await run(`INSERT INTO "GenerationRollup" ("modelId", "hour", "measure", "bin", "lane", "count", "sum")
    SELECT "modelId", ${DEEP.since} + 3600000 * ("n" % 500), 'wait', "n" % 19, 0, 1, 1000
    FROM (${numbers(Math.min(completed / 10, 9_000))}) AS "numbers", "ModelConcurrencyLimit"`)
  // The sums that go with the rows.
  await storage.mend({ modelIds, userIds: [] })
}

/** Every second, one of them, of any user and model. */
const generations = (place: string, status: string, count: number) => `
INSERT INTO "GenerationQueue" ("userId", "modelId", "modelType", "prompt", "parameters", "status", "place",
  "ticketCost", "idempotencyKey", "fingerprint", "maxAttempts", "queuedAt", "completedAt", "timeline")
SELECT ${place === 'done' ? `CASE "n" % 10 WHEN 0 THEN '${DEEP.formerUserId}' ELSE` : ''} 'user-' || ("n" % ${DEEP.users})
  ${place === 'done' ? 'END' : ''}, 'deep-' || ("n" % ${DEEP.models}), 'image', 'a lighthouse in the fog', '{}',
  '${status}', '${place}', 1, '${place}-' || "n", '', 3, ${DEEP.since} + 1000 * "n",
  ${place === 'done' ? `${DEEP.since} + 1000 * "n" + 500` : 'NULL'}, ''
FROM (${numbers(count)}) AS "numbers"`

const TEN =
  '(SELECT 0 AS "d" UNION ALL SELECT 1 UNION ALL SELECT 2 UNION ALL SELECT 3 UNION ALL SELECT 4 UNION ALL SELECT 5 UNION ALL SELECT 6 UNION ALL SELECT 7 UNION ALL SELECT 8 UNION ALL SELECT 9)'
const DIGITS = [1, 10, 100, 1_000, 10_000]

/** Numbers from 0 on, in SQL that every database knows. */
const numbers = (count: number) => `
SELECT ${DIGITS.map((power) => `"t${power}"."d" * ${power}`).join(' + ')} AS "n"
FROM ${DIGITS.map((power) => `${TEN} AS "t${power}"`).join(', ')}
WHERE ${DIGITS.map((power) => `"t${power}"."d" * ${power}`).join(' + ')} < ${count}`

const inMysql = (sql: string) =>
  sql.replaceAll('"', '`').replace(/('[\w-]+') \|\| (\([^)]*\)|`n`)/g, 'CONCAT($1, $2)')
