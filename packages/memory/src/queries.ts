import {
  ACTIVE_STARTS_MAX,
  type Account,
  type AuditPage,
  type AuditQuery,
  type DueItem,
  type DueQuery,
  type GenerationRow,
  type LedgerEntry,
  type LedgerPage,
  type LedgerQuery,
  type ListPage,
  type ListQuery,
  type ModelStats,
  STATUS_TABLE,
  STATUSES,
  type Status,
} from '@genqueue/core'
import type { MemoryBooks } from './books.js'
import type { ModelBook } from './model-book.js'
import { copyOf, type StoredRow } from './stored-row.js'

/** Rows that one page of a list looks at: a filter that nothing fits costs no more than this. */
const LIST_EXAMINED_MAX = 2_000

const WAITING = STATUSES.filter((status) => STATUS_TABLE[status].place === 'waiting')
const LEASED = STATUSES.filter((status) => STATUS_TABLE[status].place === 'leased')
const HOLDING = STATUSES.filter((status) => STATUS_TABLE[status].tickets === 'reserved')

export function rowCopy(books: MemoryBooks, queueId: number): GenerationRow | null {
  const row = books.rows.get(queueId)
  return row === undefined ? null : copyOf(row)
}

export function listRows(books: MemoryBooks, query: ListQuery): ListPage {
  const rows: GenerationRow[] = []
  const text = query.text?.toLowerCase() ?? null
  let examined = 0
  let last: number | null = null
  for (const queueId of candidateIds(books, query)) {
    if (rows.length === query.limit || examined === LIST_EXAMINED_MAX) return { rows, cursor: last }
    examined += 1
    last = queueId
    const row = books.rows.get(queueId) as StoredRow
    if (fits(row, query, text)) rows.push(copyOf(row))
  }
  return { rows, cursor: null }
}

function fits(row: GenerationRow, query: ListQuery, text: string | null): boolean {
  if (query.statuses !== null && !query.statuses.includes(row.status)) return false
  if (query.modelId !== null && row.modelId !== query.modelId) return false
  if (text === null) return true
  return row.prompt.toLowerCase().includes(text) || (row.errorMessage?.toLowerCase().includes(text) ?? false)
}

/** Ids below the cursor, newest first, from the narrowest index there is. */
function candidateIds(books: MemoryBooks, query: ListQuery): Iterable<number> {
  const before = query.cursor ?? undefined
  if (query.userId !== null) return books.users.get(query.userId)?.ids.descending(before) ?? []
  const models = query.modelId === null ? [...books.models.values()] : modelsNamed(books, [query.modelId])
  const statuses = query.statuses ?? STATUSES
  const sources = models.flatMap((model) =>
    statuses.map((status) => model.idsByStatus[status].descending(before)),
  )
  return mergeDescending(sources)
}

function* mergeDescending(sources: Generator<number>[]): Generator<number> {
  const heads = sources.map((source) => source.next().value as number | undefined)
  for (;;) {
    let best = -1
    for (let i = 0; i < heads.length; i++) {
      if (heads[i] !== undefined && (best === -1 || (heads[i] as number) > (heads[best] as number))) best = i
    }
    if (best === -1) return
    yield heads[best] as number
    heads[best] = (sources[best] as Generator<number>).next().value as number | undefined
  }
}

export function modelsNamed(books: MemoryBooks, modelIds: readonly string[] | null): ModelBook[] {
  if (modelIds === null) return [...books.models.values()]
  return modelIds.flatMap((id) => books.models.get(id) ?? [])
}

export function modelStats(books: MemoryBooks, model: ModelBook, at: number): ModelStats {
  model.promoted(at)
  const counts = Object.fromEntries(STATUSES.map((s) => [s, model.idsByStatus[s].size])) as Record<
    Status,
    number
  >
  const starts: number[] = []
  for (const status of LEASED) {
    for (const queueId of model.idsByStatus[status].ascending()) {
      starts.push((books.rows.get(queueId) as GenerationRow).startedAt as number)
      if (starts.length === ACTIVE_STARTS_MAX) break
    }
  }
  return {
    ...model.limit,
    counts,
    waiting: model.waiting.size,
    delayed: model.delayed.size,
    nextQueuedAt: model.waiting.first()?.queuedAt ?? null,
    activeStartedAt: starts.sort((a, b) => a - b),
    recentRunMs: [...model.recentRunMs],
  }
}

export function ledgerPage(books: MemoryBooks, { userId, queueId, cursor, limit }: LedgerQuery): LedgerPage {
  const entries: LedgerEntry[] = []
  for (const entry of books.users.get(userId)?.ledger.descending(cursor ?? undefined, queueId) ?? []) {
    if (entries.length === limit) return { entries, cursor: entries[limit - 1]?.entryId ?? null }
    entries.push(entry)
  }
  return { entries, cursor: null }
}

/** A page of what comes after the cursor, and where the next begins. */
function idPage(after: Iterable<string>, limit: number): [string[], string | null] {
  const page: string[] = []
  for (const id of after) {
    if (page.length === limit) return [page, page[limit - 1] ?? null]
    page.push(id)
  }
  return [page, null]
}

export function auditPage(books: MemoryBooks, { modelCursor, userCursor, limit }: AuditQuery): AuditPage {
  const models = modelCursor === null ? [] : [...books.models.keys()].filter((id) => id > modelCursor).sort()
  const [modelIds, nextModel] = idPage(models, limit)
  const users = userCursor === null ? [] : books.accountIds.ascending(userCursor)
  const [userIds, nextUser] = idPage(users, limit)
  return {
    models: modelIds.map((modelId) => auditModel(books.models.get(modelId) as ModelBook)),
    users: userIds.map((userId) => ({
      account: books.account(userId) as Account,
      live: liveTickets(books, userId),
    })),
    modelCursor: nextModel,
    userCursor: nextUser,
  }
}

export function auditModel(model: ModelBook): AuditPage['models'][number] {
  const { modelId, maxConcurrent, active } = model.limit
  const count = (statuses: readonly Status[]) =>
    statuses.reduce((sum, s) => sum + model.idsByStatus[s].size, 0)
  const indexed = model.waiting.size + model.delayed.size
  return { modelId, maxConcurrent, active, leased: count(LEASED), waiting: count(WAITING), indexed }
}

/** What the user's live generations hold. */
export function liveTickets(books: MemoryBooks, userId: string): number {
  let live = 0
  for (const queueId of books.users.get(userId)?.ids.ascending() ?? []) {
    const row = books.rows.get(queueId) as StoredRow
    if (HOLDING.includes(row.status)) live += row.ticketCost
  }
  return live
}

export function dueItems(books: MemoryBooks, { what, max }: DueQuery, at: number): DueItem[] {
  const [set, field] =
    what === 'lease'
      ? ([books.leases, 'leaseExpiresAt'] as const)
      : ([books.deadlines, 'deadlineAt'] as const)
  const items: DueItem[] = []
  for (const row of set.ascending()) {
    if (items.length === max || (row[field] as number) > at) break
    const { queueId, modelId, userId, leaseToken: token, attempt, maxAttempts } = row
    items.push({ queueId, modelId, userId, token, attempt, maxAttempts })
  }
  return items
}
