import {
  type GenerationRow,
  type LedgerLine,
  ledgerLines,
  measuredRunMs,
  RECENT_RUNS_MAX,
} from '@genqueue/core'
import type { Database } from '../database.js'
import { AFTER_ALL } from '../reads/position.js'
import { dueAtOf, placeOf, toNumber } from '../row.js'
import { BUCKETS, COUNTS, GENERATIONS, LEDGER, LIMITS, ROLLUPS, TICKETS } from '../schema/tables.js'
import { type Cells, insertAll, updateAll } from './bulk.js'
import type { LoadedBooks } from './loaded-books.js'
import { talliesOf, turnOf } from './tallies.js'

export interface WriteContext {
  readonly lane: number
  /** Lanes of the rows that were loaded. */
  readonly lanes: ReadonlyMap<number, number>
  /** Latest run times by model, newest first. */
  readonly runTimes: ReadonlyMap<string, readonly number[]>
}

/** Answers the database's id for each id that the plan gave to a new row. */
export type RealIds = ReadonlyMap<number, number>

const isNew = (row: GenerationRow) => row.queueId > AFTER_ALL

/** Everything that the plan changed, in the order in which everybody locks: accounts, limits, rows, sums. */
export async function writeBooks(
  database: Database,
  books: LoadedBooks,
  context: WriteContext,
): Promise<RealIds> {
  const { changes, renewed, posts } = books
  const last = new Map(changes.map(({ row }) => [row.queueId, row]))
  const rows = [...last.values()]
  const lines = [...changes.flatMap(ledgerLines), ...posts.map((post) => post.line)]
  // Sent one behind the other without waiting for answers; only new rows' numbers have to be known first.
  const [, , realIds] = await Promise.all([
    writeAccounts(database, books),
    writeSlots(database, books, context),
    insertRows(database, rows.filter(isNew), context.lane),
    updateRows(database, [...rows.filter((row) => !isNew(row)), ...renewed]),
    rows.some(isNew) ? null : insertLines(database, lines, new Map()),
    writeTallies(database, books, context),
  ])
  if (rows.some(isNew)) await insertLines(database, lines, realIds)
  return realIds
}

async function writeAccounts(database: Database, books: LoadedBooks): Promise<void> {
  const { changes, posts } = books
  const last = new Map(
    [...changes.map((change) => change.account), ...posts.map((post) => post.account)].flatMap((account) =>
      account === null ? [] : [[account.userId, { ...account }] as const],
    ),
  )
  const columns = ['balance', 'reserved', 'granted', 'captured']
  const rows = [...last.values()].sort((a, b) => (a.userId < b.userId ? -1 : 1))
  const known = (row: { userId: string }) => books.storedAccounts.has(row.userId)
  // Two who open the same account at once meet at its key: the second begins anew and finds it.
  const opened = rows.filter((row) => !known(row))
  await Promise.all([
    updateAll(database, TICKETS, 'userId', columns, rows.filter(known)),
    insertAll(database, TICKETS, ['userId', ...columns], opened),
  ])
}

async function writeSlots(database: Database, books: LoadedBooks, context: WriteContext): Promise<void> {
  const slots = new Map<string, number>()
  const runs = new Map<string, number[]>()
  for (const change of books.changes) {
    const { row, move } = change
    if (move.slot !== 0) slots.set(row.modelId, (slots.get(row.modelId) ?? 0) + move.slot)
    const runMs = measuredRunMs(change)
    if (runMs !== null) runs.set(row.modelId, [runMs, ...(runs.get(row.modelId) ?? [])])
  }
  const changed = [...new Set([...slots.keys(), ...runs.keys()])].sort().map((modelId) => {
    const slot = slots.get(modelId) ?? 0
    const latest = runs.get(modelId) ?? []
    const recent = [...latest, ...(context.runTimes.get(modelId) ?? [])].slice(0, RECENT_RUNS_MAX)
    // Relative and in one statement: an app may change the column by hand at any moment.
    return database.run(
      `UPDATE "ModelConcurrencyLimit" SET "currentActive" =
       CASE WHEN "currentActive" + ? < 0 THEN 0 ELSE "currentActive" + ? END${latest.length > 0 ? ', "recentRunMs" = ?' : ''}
       WHERE "modelId" = ?`,
      [slot, slot, ...(latest.length > 0 ? [recent.join(',')] : []), modelId],
    )
  })
  await Promise.all([...changed, writeLimits(database, books)])
}

async function writeLimits(database: Database, books: LoadedBooks): Promise<void> {
  const columns = ['modelType', 'maxConcurrent', 'paused', 'updatedAt']
  const last = new Map(books.writtenLimits.map((limit) => [limit.modelId, limit]))
  const rows = [...last.values()]
    .sort((a, b) => (a.modelId < b.modelId ? -1 : 1))
    .map(({ active, ...cells }): Cells & { modelId: string } => cells)
  const known = (row: { modelId: string }) => books.storedLimits.has(row.modelId)
  await updateAll(database, LIMITS, 'modelId', columns, rows.filter(known))
  const created = rows.filter((row) => !known(row))
  await insertAll(database, LIMITS, ['modelId', ...columns], created)
}

/** What a move or a renewal may change. */
const CHANGING = [
  'status',
  'place',
  'ticketsUsed',
  'attempt',
  'queuedAt',
  'notBefore',
  'deadlineAt',
  'dueAt',
  'startedAt',
  'completedAt',
  'leaseToken',
  'leaseExpiresAt',
  'releasedBy',
  'progress',
  'resultUrl',
  'output',
  'errorMessage',
  'timeline',
] as const

const FIXED = [
  'userId',
  'modelId',
  'modelType',
  'prompt',
  'parameters',
  'metadata',
  'lane',
  'priority',
  'turn',
  'ticketCost',
  'idempotencyKey',
  'fingerprint',
  'maxAttempts',
  'maxWaitMs',
] as const

const cellsOf = (row: GenerationRow): Cells => {
  const { queueId, ...cells } = row
  return { ...cells, id: queueId, place: placeOf(row), dueAt: dueAtOf(row), turn: turnOf(row) }
}

const updateRows = (database: Database, rows: readonly GenerationRow[]) =>
  updateAll(
    database,
    GENERATIONS,
    'id',
    CHANGING,
    [...rows].sort((a, b) => a.queueId - b.queueId).map(cellsOf),
  )

async function insertRows(
  database: Database,
  rows: readonly GenerationRow[],
  lane: number,
): Promise<RealIds> {
  if (rows.length === 0) return new Map()
  const cells = rows.map((row) => ({ ...cellsOf(row), lane }))
  await insertAll(database, GENERATIONS, [...FIXED, ...CHANGING], cells)
  // MySQL cannot say which ids it gave; asking by key works everywhere.
  const found = await database.rows(
    `SELECT "id", "userId", "idempotencyKey" FROM "GenerationQueue" WHERE ${rows
      .map(() => '("userId" = ? AND "idempotencyKey" = ?)')
      .join(' OR ')}`,
    rows.flatMap((row) => [row.userId, row.idempotencyKey]),
  )
  const ids = new Map(
    found.map((raw) => [JSON.stringify([raw.userId, raw.idempotencyKey]), toNumber(raw.id)]),
  )
  return new Map(
    rows.map((row) => [row.queueId, ids.get(JSON.stringify([row.userId, row.idempotencyKey])) as number]),
  )
}

const insertLines = (database: Database, lines: readonly LedgerLine[], realIds: RealIds) =>
  insertAll(
    database,
    LEDGER,
    ['userId', 'at', 'kind', 'amount', 'balance', 'reserved', 'queueId', 'key', 'memo'],
    lines.map((line) => ({
      ...line,
      queueId: line.queueId === null ? null : (realIds.get(line.queueId) ?? line.queueId),
    })),
  )

async function writeTallies(
  database: Database,
  { changes }: LoadedBooks,
  { lane, lanes }: WriteContext,
): Promise<void> {
  const { counts, buckets, rollups } = talliesOf(changes, lane, (row) => lanes.get(row.queueId) ?? lane)
  await Promise.all([
    insertAll(database, COUNTS, ['modelId', 'status', 'lane', 'count'], counts, { add: ['count'] }),
    insertAll(database, BUCKETS, ['modelId', 'level', 'turn', 'bucket', 'lane', 'count'], buckets, {
      add: ['count'],
    }),
    insertAll(database, ROLLUPS, ['modelId', 'hour', 'measure', 'bin', 'lane', 'count', 'sum'], rollups, {
      add: ['count', 'sum'],
    }),
  ])
}
