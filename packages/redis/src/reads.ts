import {
  type DueItem,
  type DueQuery,
  type GenerationRow,
  type ListPage,
  type ListQuery,
  STATUSES,
} from '@genqueue/core'
import type { Caller } from './link.js'
import { INDEXED_STATUSES, LEASED_STATUSES } from './moves.js'
import { packer } from './pack.js'
import { idText, readRow } from './row.js'

/** Rows that one page of a list looks at: a filter that nothing fits costs no more than this. */
const LIST_EXAMINED_MAX = 2_000
/** Fewest rows that a call reads when the filter has to look into them. */
const LIST_STEP = 100
/** Most items of one look. */
const DUE_MAX = 1_000

const packIds = (queueIds: readonly number[]) => {
  packer.list(queueIds.length)
  for (const queueId of queueIds) packer.text(idText(queueId))
}

export async function get(caller: Caller, queueIds: readonly number[]): Promise<(GenerationRow | null)[]> {
  packer.begin(1)
  packIds(queueIds)
  const reply = await caller.call('get', [packer.take()])
  reply.values.list()
  return queueIds.map((queueId) => (reply.values.number() === 0 ? null : readRow(queueId, reply)))
}

export async function positions(
  caller: Caller,
  { queueIds, at }: { queueIds: readonly number[]; at?: number },
): Promise<(number | null)[]> {
  packer.begin(2).numberOrNone(at ?? null)
  packIds(queueIds)
  const { values } = await caller.call('positions', [packer.take()])
  values.list()
  return queueIds.map(() => values.numberOrNull())
}

export async function due(caller: Caller, { what, max, at }: DueQuery): Promise<DueItem[]> {
  packer
    .begin(3)
    .numberOrNone(at ?? null)
    .number(what === 'lease' ? 1 : 0)
  const { values } = await caller.call('due', [packer.number(Math.min(max, DUE_MAX)).take()])
  return Array.from({ length: values.list() / 6 }, () => ({
    queueId: Number(values.text()),
    modelId: values.text(),
    userId: values.text(),
    token: values.textOrNull(),
    attempt: values.number(),
    maxAttempts: values.number(),
  }))
}

/** Models and statuses are looked up in their index, a user's in theirs; the rest of a filter is looked at row by row. */
export async function list(caller: Caller, query: ListQuery): Promise<ListPage> {
  const fits = filterOf(query)
  const rows: GenerationRow[] = []
  let cursor = query.cursor
  for (let examined = 0; examined < LIST_EXAMINED_MAX; ) {
    const wanted = query.limit - rows.length
    const most = Math.min(fits === null ? wanted : Math.max(wanted, LIST_STEP), LIST_EXAMINED_MAX - examined)
    const page = await readPage(caller, query, cursor, most)
    examined += most
    for (const [i, row] of page.rows.entries()) {
      if (fits !== null && !fits(row)) continue
      rows.push(row)
      const last = i === page.rows.length - 1 && page.cursor === null
      if (rows.length === query.limit) return { rows, cursor: last ? null : row.queueId }
    }
    cursor = page.cursor
    if (cursor === null) break
  }
  return { rows, cursor }
}

async function readPage(
  caller: Caller,
  { userId, modelId, statuses }: ListQuery,
  cursor: number | null,
  most: number,
): Promise<ListPage> {
  const asked = statuses ?? STATUSES
  packer
    .begin(6)
    .textOrNone(userId)
    .value(modelId === null ? null : [modelId])
  packer.value(INDEXED_STATUSES.filter((status) => asked.includes(status)))
  packer.number(LEASED_STATUSES.some((status) => asked.includes(status)) ? 1 : 0)
  packer.textOrNone(cursor === null ? null : idText(cursor)).number(most)
  const reply = await caller.call('list', [packer.take()])
  const { values } = reply
  values.list()
  const next = values.textOrNull()
  const rows = Array.from({ length: values.list() }, () => readRow(Number(values.text()), reply))
  return { rows, cursor: next === null ? null : Number(next) }
}

/** What the index does not decide; null when it decides all. */
function filterOf(query: ListQuery): ((row: GenerationRow) => boolean) | null {
  const { userId, modelId, statuses } = query
  const text = query.text?.toLowerCase() ?? null
  const byIndex = userId === null || (modelId === null && statuses === null)
  if (byIndex && text === null) return null
  return (row) => {
    if (statuses !== null && !statuses.includes(row.status)) return false
    if (modelId !== null && row.modelId !== modelId) return false
    if (text === null) return true
    return (
      row.prompt.toLowerCase().includes(text) || (row.errorMessage?.toLowerCase().includes(text) ?? false)
    )
  }
}
