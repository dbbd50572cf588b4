import {
  ACTIVE_STARTS_MAX,
  type AuditPage,
  type AuditQuery,
  type ModelStats,
  STATUSES,
  type Status,
} from '@genqueue/core'
import { type Database, places } from '../database.js'
import { type RawRow, toNumber } from '../row.js'
import { ACCOUNT_LIST, readLimitRows, toAccount, toLimit, toRunTimes } from './books.js'

/** How many wait, are delayed and have been counted, per model; cheap whatever the backlog. */
const WAITING = (models: string) => `
SELECT "modelId", 'counted' AS "kind", COALESCE(SUM("count"), 0) AS "total"
FROM "GenerationBucket" WHERE "level" = 2 AND "modelId" IN (${models}) GROUP BY "modelId"
UNION ALL
SELECT "modelId", 'delayed' AS "kind", COUNT(*) AS "total"
FROM "GenerationQueue" WHERE "place" = 'delayed' AND "modelId" IN (${models}) GROUP BY "modelId"
UNION ALL
SELECT "modelId", 'matured' AS "kind", COUNT(*) AS "total"
FROM "GenerationQueue" WHERE "place" = 'delayed' AND "dueAt" <= ? AND "notBefore" <= ?
AND "modelId" IN (${models}) GROUP BY "modelId"
`

export interface Waiting {
  /** Ready, by the buckets. */
  readonly counted: number
  /** With a delay, whether it is over or not. */
  readonly delayed: number
  /** Of those, whose delay is over. */
  readonly matured: number
}

export async function readWaiting(
  database: Database,
  modelIds: readonly string[],
  at: number,
): Promise<(modelId: string) => Waiting> {
  const values = [...modelIds, ...modelIds, at, at, ...modelIds]
  const found = modelIds.length === 0 ? [] : await database.rows(WAITING(places(modelIds)), values)
  const totals = new Map(found.map((raw) => [`${raw.kind} ${raw.modelId}`, toNumber(raw.total)]))
  const total = (kind: string, modelId: string) => totals.get(`${kind} ${modelId}`) ?? 0
  return (modelId) => ({
    counted: total('counted', modelId),
    delayed: total('delayed', modelId),
    matured: total('matured', modelId),
  })
}

export async function readStats(
  database: Database,
  modelIds: readonly string[] | null,
  at: number,
): Promise<ModelStats[]> {
  const limits = await readLimitRows(database, modelIds)
  const ids = limits.map((raw) => String(raw.modelId))
  if (ids.length === 0) return []
  const waiting = await readWaiting(database, ids, at)
  const counts = await readCounts(database, ids)
  const heads = await readHeads(database, ids, at)
  const starts = await readStarts(database, ids)
  const statsOf = (raw: RawRow): ModelStats => {
    const limit = toLimit(raw)
    const { counted, delayed, matured } = waiting(limit.modelId)
    return {
      ...limit,
      counts: counts(limit.modelId),
      waiting: counted + matured,
      delayed: delayed - matured,
      nextQueuedAt: heads.get(limit.modelId) ?? null,
      activeStartedAt: starts.get(limit.modelId) ?? [],
      recentRunMs: toRunTimes(raw),
    }
  }
  if (modelIds === null) return limits.map(statsOf)
  const byId = new Map(limits.map((raw) => [String(raw.modelId), raw]))
  return modelIds.flatMap((modelId) => {
    const raw = byId.get(modelId)
    return raw === undefined ? [] : [statsOf(raw)]
  })
}

async function readCounts(database: Database, modelIds: readonly string[]) {
  const found = await database.rows(
    `SELECT "modelId", "status", SUM("count") AS "total" FROM "GenerationCount"
     WHERE "modelId" IN (${places(modelIds)}) GROUP BY "modelId", "status"`,
    modelIds,
  )
  const totals = new Map(found.map((raw) => [`${raw.status} ${raw.modelId}`, toNumber(raw.total)]))
  return (modelId: string) =>
    Object.fromEntries(STATUSES.map((status) => [status, totals.get(`${status} ${modelId}`) ?? 0])) as Record<
      Status,
      number
    >
}

const BY_ORDER = 'ORDER BY "turn", "queuedAt", "id" LIMIT 1'

/** `queuedAt` of what starts next, by model. */
async function readHeads(
  database: Database,
  modelIds: readonly string[],
  at: number,
): Promise<Map<string, number>> {
  const columns = '"modelId", "turn", "queuedAt", "id"'
  const parts = modelIds.flatMap((_, index) => [
    `SELECT * FROM (SELECT ${columns} FROM "GenerationQueue" WHERE "place" = 'ready' AND "modelId" = ? ${BY_ORDER}) AS "r${index}"`,
    `SELECT * FROM (SELECT ${columns} FROM "GenerationQueue" WHERE "place" = 'delayed' AND "dueAt" <= ? AND "notBefore" <= ? AND "modelId" = ? ${BY_ORDER}) AS "d${index}"`,
  ])
  const values = modelIds.flatMap((modelId) => [modelId, at, at, modelId])
  const found = [...(await database.rows(parts.join(' UNION ALL '), values))].sort(byOrder)
  const heads = new Map<string, number>()
  for (const raw of found) {
    if (!heads.has(String(raw.modelId))) heads.set(String(raw.modelId), toNumber(raw.queuedAt))
  }
  return heads
}

const byOrder = (a: RawRow, b: RawRow) =>
  toNumber(a.turn) - toNumber(b.turn) ||
  toNumber(a.queuedAt) - toNumber(b.queuedAt) ||
  toNumber(a.id) - toNumber(b.id)

/** Starts of what is leased, by model, oldest first. */
async function readStarts(database: Database, modelIds: readonly string[]): Promise<Map<string, number[]>> {
  const parts = modelIds.map(
    (_, index) =>
      `SELECT * FROM (SELECT "modelId", "startedAt" FROM "GenerationQueue" WHERE "place" = 'leased' AND "modelId" = ?
       ORDER BY "startedAt" LIMIT ${ACTIVE_STARTS_MAX}) AS "s${index}"`,
  )
  const starts = new Map<string, number[]>()
  for (const raw of await database.rows(parts.join(' UNION ALL '), modelIds)) {
    const known = starts.get(String(raw.modelId))
    if (known === undefined) starts.set(String(raw.modelId), [toNumber(raw.startedAt)])
    else known.push(toNumber(raw.startedAt))
  }
  for (const list of starts.values()) list.sort((a, b) => a - b)
  return starts
}

/** The books beside the rows: counts every row of a page of models, so it is for `verify`, not for a page view. */
export async function readAudit(database: Database, query: AuditQuery): Promise<AuditPage> {
  const { modelCursor, userCursor, limit } = query
  const models = await idsAfter(database, '"ModelConcurrencyLimit"', '"modelId"', modelCursor, limit)
  const users = await idsAfter(database, '"Ticket"', '"userId"', userCursor, limit)
  return {
    models: await auditModels(database, models.ids),
    users: await auditUsers(database, users.ids),
    modelCursor: models.cursor,
    userCursor: users.cursor,
  }
}

/** In the database's own order, which any id keeps its place in. */
async function idsAfter(
  database: Database,
  table: string,
  column: string,
  cursor: string | null,
  limit: number,
) {
  if (cursor === null) return { ids: [], cursor: null }
  const found = await database.rows(
    `SELECT ${column} AS "id" FROM ${table} WHERE ${column} > ? ORDER BY ${column} LIMIT ${Math.floor(limit) + 1}`,
    [cursor],
  )
  const ids = found.slice(0, limit).map((raw) => String(raw.id))
  return { ids, cursor: found.length > limit ? (ids.at(-1) ?? null) : null }
}

async function auditModels(database: Database, modelIds: readonly string[]): Promise<AuditPage['models']> {
  if (modelIds.length === 0) return []
  const limits = await readLimitRows(database, modelIds)
  const waiting = await readWaiting(database, modelIds, 0)
  const found = await database.rows(
    `SELECT "modelId", "place", COUNT(*) AS "total" FROM "GenerationQueue"
     WHERE "place" IN ('ready', 'delayed', 'leased') AND "modelId" IN (${places(modelIds)}) GROUP BY "modelId", "place"`,
    modelIds,
  )
  const totals = new Map(found.map((raw) => [`${raw.place} ${raw.modelId}`, toNumber(raw.total)]))
  const total = (place: string, modelId: string) => totals.get(`${place} ${modelId}`) ?? 0
  return limits.map((raw) => {
    const modelId = String(raw.modelId)
    const { counted, delayed } = waiting(modelId)
    return {
      modelId,
      maxConcurrent: toNumber(raw.maxConcurrent),
      active: toNumber(raw.currentActive),
      leased: total('leased', modelId),
      waiting: total('ready', modelId) + total('delayed', modelId),
      indexed: counted + delayed,
    }
  })
}

async function auditUsers(database: Database, userIds: readonly string[]): Promise<AuditPage['users']> {
  if (userIds.length === 0) return []
  const accounts = await database.rows(
    `SELECT ${ACCOUNT_LIST} FROM "Ticket" WHERE "userId" IN (${places(userIds)})`,
    userIds,
  )
  const live = await readLive(database, userIds)
  return accounts.map((raw) => ({ account: toAccount(raw), live: live.get(String(raw.userId)) ?? 0 }))
}

/** Tickets that the users' live generations hold. */
export async function readLive(database: Database, userIds: readonly string[]): Promise<Map<string, number>> {
  const found = await database.rows(
    `SELECT "userId", SUM("ticketCost") AS "live" FROM "GenerationQueue"
     WHERE "place" IN ('ready', 'delayed', 'leased') AND "userId" IN (${places(userIds)}) GROUP BY "userId"`,
    userIds,
  )
  return new Map(found.map((raw) => [String(raw.userId), toNumber(raw.live)]))
}
