import type { DueItem, DueQuery, GenerationRow } from '@genqueue/core'
import { type Database, places } from '../database.js'
import { type RawRow, ROW_COLUMNS, toGenerationRow, toNumber } from '../row.js'

export const ROW_LIST = ROW_COLUMNS.map((column) => `"${column}"`).join(', ')

/** Rows by id, in the order asked. */
export async function readRows(
  database: Database,
  queueIds: readonly number[],
): Promise<(GenerationRow | null)[]> {
  if (queueIds.length === 0) return []
  const found = await database.rows(
    `SELECT ${ROW_LIST} FROM "GenerationQueue" WHERE "id" IN (${places(queueIds)})`,
    queueIds,
  )
  const byId = new Map(found.map((raw) => [toNumber(raw.id), toGenerationRow(raw)]))
  return queueIds.map((id) => byId.get(id) ?? null)
}

/** Rows that hold one of these leases. */
export async function readHeld(database: Database, tokens: readonly string[]): Promise<GenerationRow[]> {
  if (tokens.length === 0) return []
  const found = await database.rows(
    `SELECT ${ROW_LIST} FROM "GenerationQueue" WHERE "place" = 'leased' AND "leaseToken" IN (${places(tokens)})`,
    tokens,
  )
  return found.map(toGenerationRow)
}

const DUE_COLUMNS = '"id", "modelId", "userId", "leaseToken", "attempt", "maxAttempts"'
const DUE = {
  lease: `SELECT ${DUE_COLUMNS} FROM "GenerationQueue" WHERE "place" = 'leased' AND "dueAt" <= ?
          ORDER BY "dueAt", "id" LIMIT `,
  // Of what is delayed, `dueAt` may be the end of the delay.
  deadline: `SELECT ${DUE_COLUMNS} FROM "GenerationQueue"
             WHERE "place" IN ('ready', 'delayed') AND "dueAt" <= ? AND "deadlineAt" <= ?
             ORDER BY "deadlineAt", "id" LIMIT `,
} as const

export async function readDue(database: Database, { what, max }: DueQuery, at: number): Promise<DueItem[]> {
  const values = what === 'lease' ? [at] : [at, at]
  return (await database.rows(DUE[what] + Math.floor(max), values)).map(toDueItem)
}

const toDueItem = (raw: RawRow): DueItem => ({
  queueId: toNumber(raw.id),
  modelId: String(raw.modelId),
  userId: String(raw.userId),
  token: raw.leaseToken === null ? null : String(raw.leaseToken),
  attempt: toNumber(raw.attempt),
  maxAttempts: toNumber(raw.maxAttempts),
})
