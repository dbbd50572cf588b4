import type {
  Account,
  LedgerEntry,
  LedgerKind,
  LedgerPage,
  LedgerQuery,
  Limit,
  RollupFact,
  RollupQuery,
} from '@genqueue/core'
import { type Database, places } from '../database.js'
import { type RawRow, toNumber, toNumberOrNull } from '../row.js'
import { newestUnder } from './newest.js'

export const ACCOUNT_LIST = '"userId", "balance", "reserved", "granted", "captured"'
export const LIMIT_LIST =
  '"modelId", "modelType", "maxConcurrent", "currentActive", "paused", "recentRunMs", "updatedAt"'

export const toAccount = (raw: RawRow): Account => ({
  userId: String(raw.userId),
  balance: toNumber(raw.balance),
  reserved: toNumber(raw.reserved),
  granted: toNumber(raw.granted),
  captured: toNumber(raw.captured),
})

/** An app that subtracts by hand may have gone too far: fewer than none are not taken. */
export const toLimit = (raw: RawRow): Limit => ({
  modelId: String(raw.modelId),
  modelType: String(raw.modelType),
  maxConcurrent: toNumber(raw.maxConcurrent),
  paused: Boolean(toNumber(raw.paused)),
  active: Math.max(0, toNumber(raw.currentActive)),
  updatedAt: toNumber(raw.updatedAt),
})

export const toRunTimes = (raw: RawRow): number[] =>
  String(raw.recentRunMs) === '' ? [] : String(raw.recentRunMs).split(',').map(Number)

export async function readAccounts(
  database: Database,
  userIds: readonly string[],
): Promise<(Account | null)[]> {
  if (userIds.length === 0) return []
  const found = await database.rows(
    `SELECT ${ACCOUNT_LIST} FROM "Ticket" WHERE "userId" IN (${places(userIds)})`,
    userIds,
  )
  const byId = new Map(found.map((raw) => [String(raw.userId), toAccount(raw)]))
  return userIds.map((id) => byId.get(id) ?? null)
}

export async function readLimitRows(database: Database, modelIds: readonly string[] | null) {
  if (modelIds?.length === 0) return []
  const where = modelIds === null ? '' : ` WHERE "modelId" IN (${places(modelIds)})`
  const found = await database.rows(
    `SELECT ${LIMIT_LIST} FROM "ModelConcurrencyLimit"${where}`,
    modelIds ?? [],
  )
  return [...found].sort((a, b) => (String(a.modelId) < String(b.modelId) ? -1 : 1))
}

const toEntry = (raw: RawRow): LedgerEntry => ({
  entryId: toNumber(raw.id),
  userId: String(raw.userId),
  at: toNumber(raw.at),
  kind: raw.kind as LedgerKind,
  amount: toNumber(raw.amount),
  balance: toNumber(raw.balance),
  reserved: toNumber(raw.reserved),
  queueId: toNumberOrNull(raw.queueId),
  key: raw.key === null ? null : String(raw.key),
  memo: raw.memo === null ? null : String(raw.memo),
})

export async function readLedger(database: Database, query: LedgerQuery): Promise<LedgerPage> {
  const { userId, queueId, cursor, limit } = query
  const { where, orderBy, values } = newestUnder(database, { userId }, cursor)
  const found = await database.rows(
    `SELECT "id", "userId", "at", "kind", "amount", "balance", "reserved", "queueId", "key", "memo"
     FROM "TicketLedger" WHERE ${where}${queueId === null ? '' : ' AND "queueId" = ?'}
     ORDER BY ${orderBy} LIMIT ${Math.floor(limit) + 1}`,
    queueId === null ? values : [...values, queueId],
  )
  const entries = found.slice(0, limit).map(toEntry)
  return { entries, cursor: found.length > limit ? (entries.at(-1)?.entryId ?? null) : null }
}

export async function readRollups(
  database: Database,
  { modelIds, fromHour }: RollupQuery,
): Promise<RollupFact[]> {
  if (modelIds?.length === 0) return []
  const named = modelIds === null ? '' : ` AND "modelId" IN (${places(modelIds)})`
  const found = await database.rows(
    `SELECT "modelId", "hour", "measure", "bin", SUM("count") AS "count", SUM("sum") AS "sum"
     FROM "GenerationRollup" WHERE "hour" >= ?${named} GROUP BY "modelId", "hour", "measure", "bin"`,
    [fromHour, ...(modelIds ?? [])],
  )
  return found.map((raw) => ({
    modelId: String(raw.modelId),
    hour: toNumber(raw.hour),
    measure: raw.measure as RollupFact['measure'],
    bin: toNumber(raw.bin),
    count: toNumber(raw.count),
    sum: toNumber(raw.sum),
  }))
}
