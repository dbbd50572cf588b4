import type { ListPage, ListQuery } from '@genqueue/core'
import { type Database, places } from '../database.js'
import { type RawRow, toNumber } from '../row.js'
import { newestUnder } from './newest.js'
import { readRows } from './rows.js'

/** Rows that one page of a list looks at: a filter that nothing fits costs no more than this. */
const EXAMINED_MAX = 2_000
/** Rows looked at together when their texts must be read. */
const TEXT_CHUNK = 100
/** More pairs of model and status than this are not worth a look into the index each. */
const SOURCES_MAX = 120

/** Newest first. Which ids fit is found by narrow reads; only the page's own rows are read whole. */
export async function listPage(database: Database, query: ListQuery): Promise<ListPage> {
  const queueIds: number[] = []
  const sources = await sourcesOf(database, query)
  const filters = query.text !== null || (sources.checks && (query.statuses ?? query.modelId) !== null)
  let cursor = query.cursor
  for (let examined = 0; examined < EXAMINED_MAX; ) {
    const wanted = Math.min(filters ? TEXT_CHUNK : query.limit + 1, EXAMINED_MAX - examined)
    const found = await candidates(database, sources, query, cursor, wanted)
    for (const row of found) {
      if (queueIds.length === query.limit) return { rows: await rowsOf(database, queueIds), cursor }
      cursor = toNumber(row.id)
      if (fits(row, query)) queueIds.push(cursor)
    }
    examined += found.length
    if (found.length < wanted) return { rows: await rowsOf(database, queueIds), cursor: null }
  }
  return { rows: await rowsOf(database, queueIds), cursor }
}

async function rowsOf(database: Database, queueIds: readonly number[]) {
  return (await readRows(database, queueIds)).filter((row) => row !== null)
}

function fits(row: RawRow, { statuses, modelId, text }: ListQuery): boolean {
  if (statuses !== null && !statuses.some((status) => status === row.status)) return false
  if (modelId !== null && row.modelId !== modelId) return false
  if (text === null) return true
  // Here and not in SQL: databases differ in what they take for the same letter.
  const part = text.toLowerCase()
  return [row.prompt, row.errorMessage].some(
    (value) => typeof value === 'string' && value.toLowerCase().includes(part),
  )
}

interface Sources {
  /** What the rows are looked for under: the columns of an index with their values, or nothing. */
  readonly keys: readonly Readonly<Record<string, string>>[]
  /** Whether the rows found may still be of another model or status. */
  readonly checks: boolean
}

/** The narrowest indexes: a user's, or one look for every pair of model and status, or all ids. */
async function sourcesOf(database: Database, { userId, modelId, statuses }: ListQuery): Promise<Sources> {
  if (userId !== null) return { keys: [{ userId }], checks: true }
  const everything = { keys: [{}], checks: true }
  if (modelId === null && statuses === null) return everything
  const modelIds = modelId === null ? await modelIdsOf(database) : [modelId]
  const kept = statuses ?? (await statusesOf(database, modelIds))
  const keys = modelIds.flatMap((model) => kept.map((status) => ({ modelId: model, status })))
  return keys.length > SOURCES_MAX ? everything : { keys, checks: false }
}

const modelIdsOf = async (database: Database) =>
  (await database.rows('SELECT "modelId" FROM "ModelConcurrencyLimit"')).map((row) => String(row.modelId))

const statusesOf = async (database: Database, modelIds: readonly string[]) =>
  (
    await database.rows(
      `SELECT DISTINCT "status" FROM "GenerationCount" WHERE "modelId" IN (${places(modelIds)})`,
      modelIds,
    )
  ).map((row) => String(row.status))

async function candidates(
  database: Database,
  { keys }: Sources,
  { text }: ListQuery,
  cursor: number | null,
  wanted: number,
): Promise<readonly RawRow[]> {
  if (keys.length === 0) return []
  const columns = `"id", "modelId", "status"${text === null ? '' : ', "prompt", "errorMessage"'}`
  const limit = Math.floor(wanted)
  const parts = keys.map((key) => newestUnder(database, key, cursor))
  const selects = parts.map(
    ({ where, orderBy }, index) =>
      `SELECT * FROM (SELECT ${columns} FROM "GenerationQueue" WHERE ${where} ORDER BY ${orderBy} LIMIT ${limit}) AS "s${index}"`,
  )
  return database.rows(
    `${selects.join(' UNION ALL ')} ORDER BY "id" DESC LIMIT ${limit}`,
    parts.flatMap(({ values }) => values),
  )
}
