import type { Account, GenerationRow, Limit } from '@genqueue/core'
import { type Database, places } from '../database.js'
import { ACCOUNT_LIST, LIMIT_LIST, toAccount, toLimit, toRunTimes } from '../reads/books.js'
import { ROW_LIST } from '../reads/rows.js'
import { readWaiting } from '../reads/stats.js'
import { type RawRow, toGenerationRow, toNumber } from '../row.js'
import type { LoadedModel } from './loaded-books.js'

/** SQLite has one writer, who holds everything; MySQL is asked to hold what a command decides on. */
const held = (database: Database) => (database.provider === 'sqlite' ? '' : ' FOR UPDATE')

export async function holdAccounts(database: Database, userIds: Iterable<string>): Promise<Account[]> {
  const ids = [...new Set(userIds)]
  if (ids.length === 0) return []
  const found = await database.rows(
    `SELECT ${ACCOUNT_LIST} FROM "Ticket" WHERE "userId" IN (${places(ids)}) ORDER BY "userId"${held(database)}`,
    ids,
  )
  return found.map(toAccount)
}

export interface HeldLimits {
  readonly limits: Limit[]
  readonly runTimes: ReadonlyMap<string, readonly number[]>
}

/** `hold` false only looks: a plain enqueue takes no slot. */
export async function holdLimits(
  database: Database,
  modelIds: Iterable<string>,
  hold = true,
): Promise<HeldLimits> {
  const ids = [...new Set(modelIds)]
  if (ids.length === 0) return { limits: [], runTimes: new Map() }
  const found = await database.rows(
    `SELECT ${LIMIT_LIST} FROM "ModelConcurrencyLimit" WHERE "modelId" IN (${places(ids)})
     ORDER BY "modelId"${hold ? held(database) : ''}`,
    ids,
  )
  return {
    limits: found.map(toLimit),
    runTimes: new Map(found.map((raw) => [String(raw.modelId), toRunTimes(raw)])),
  }
}

export interface HeldRows {
  readonly rows: GenerationRow[]
  readonly lanes: ReadonlyMap<number, number>
}

const withLanes = (found: readonly RawRow[]): HeldRows => ({
  rows: found.map(toGenerationRow),
  lanes: new Map(found.map((raw) => [toNumber(raw.id), toNumber(raw.lane)])),
})

export async function holdRows(database: Database, queueIds: readonly number[]): Promise<HeldRows> {
  if (queueIds.length === 0) return { rows: [], lanes: new Map() }
  const found = await database.rows(
    `SELECT ${ROW_LIST}, "lane" FROM "GenerationQueue" WHERE "id" IN (${places(queueIds)})
     ORDER BY "id"${held(database)}`,
    queueIds,
  )
  return withLanes(found)
}

export interface Owner {
  readonly queueId: number
  readonly userId: string
  readonly modelId: string
}

/** Whose and which model's these are: neither ever changes, so they may be read before anything is held. */
export async function ownersOf(database: Database, queueIds: readonly number[]): Promise<Owner[]> {
  if (queueIds.length === 0) return []
  const found = await database.rows(
    `SELECT "id", "userId", "modelId" FROM "GenerationQueue" WHERE "id" IN (${places(queueIds)})`,
    queueIds,
  )
  return found.map((raw) => ({
    queueId: toNumber(raw.id),
    userId: String(raw.userId),
    modelId: String(raw.modelId),
  }))
}

/** The first `max` of a model that may start, and of those whose delay is over. */
export async function holdHeads(
  database: Database,
  modelId: string,
  max: number,
  at: number,
): Promise<HeldRows> {
  const hold = database.provider === 'sqlite' ? '' : ' FOR UPDATE SKIP LOCKED'
  const order = `ORDER BY "turn", "queuedAt", "id" LIMIT ${Math.floor(max)}${hold}`
  const columns = `${ROW_LIST}, "lane"`
  const [ready, matured] = await Promise.all([
    database.rows(
      `SELECT ${columns} FROM "GenerationQueue" WHERE "place" = 'ready' AND "modelId" = ? ${order}`,
      [modelId],
    ),
    database.rows(
      `SELECT ${columns} FROM "GenerationQueue" WHERE "place" = 'delayed' AND "dueAt" <= ? AND "notBefore" <= ?
       AND "modelId" = ? ${order}`,
      [at, at, modelId],
    ),
  ])
  return withLanes([...ready, ...matured])
}

/** Rows of these users and keys. */
export async function rowsOfKeys(
  database: Database,
  keys: readonly { readonly userId: string; readonly idempotencyKey: string }[],
): Promise<GenerationRow[]> {
  const found = await database.rows(
    `SELECT ${ROW_LIST} FROM "GenerationQueue" WHERE ${keys
      .map(() => '("userId" = ? AND "idempotencyKey" = ?)')
      .join(' OR ')}`,
    keys.flatMap(({ userId, idempotencyKey }) => [userId, idempotencyKey]),
  )
  return found.map(toGenerationRow)
}

export async function loadModels(
  database: Database,
  modelIds: readonly string[],
  at: number,
): Promise<Map<string, LoadedModel>> {
  const waiting = await readWaiting(database, modelIds, at)
  return new Map(
    modelIds.map((modelId) => {
      const { counted, delayed, matured } = waiting(modelId)
      return [modelId, { waiting: counted + matured, queued: counted + delayed, heads: [] }]
    }),
  )
}
