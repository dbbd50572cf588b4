import type { GenerationRow, RollupFact } from '../generation.js'
import { STATUSES, type Status } from '../rules.js'
import {
  ACTIVE_STARTS_MAX,
  type AuditPage,
  type AuditQuery,
  type DueItem,
  type DueQuery,
  type LedgerPage,
  type LedgerQuery,
  type ListPage,
  type ListQuery,
  type ModelStats,
  RECENT_RUNS_MAX,
  type RollupQuery,
} from '../storage.js'
import type { Tables } from './tables.js'

const byNumber = (a: number, b: number) => a - b

export function listTables(tables: Tables, query: ListQuery): ListPage {
  const text = query.text?.toLowerCase() ?? null
  const has = (value: string | null) => value?.toLowerCase().includes(text as string) ?? false
  const found = tables
    .all()
    .filter((row) => query.cursor === null || row.queueId < query.cursor)
    .filter((row) => query.statuses === null || query.statuses.includes(row.status))
    .filter((row) => query.modelId === null || row.modelId === query.modelId)
    .filter((row) => query.userId === null || row.userId === query.userId)
    .filter((row) => text === null || has(row.prompt) || has(row.errorMessage))
    .sort((a, b) => b.queueId - a.queueId)
  const rows = found.slice(0, query.limit)
  return { rows, cursor: found.length > rows.length ? (rows.at(-1) as GenerationRow).queueId : null }
}

export function dueTables(tables: Tables, { what, max }: DueQuery, at: number): DueItem[] {
  const field = what === 'lease' ? 'leaseExpiresAt' : 'deadlineAt'
  return tables
    .all()
    .filter((row) => row[field] !== null && row[field] <= at)
    .sort((a, b) => (a[field] as number) - (b[field] as number) || a.queueId - b.queueId)
    .slice(0, max)
    .map(({ queueId, modelId, userId, leaseToken: token, attempt, maxAttempts }) => ({
      queueId,
      modelId,
      userId,
      token,
      attempt,
      maxAttempts,
    }))
}

export function statsTables(tables: Tables, modelIds: readonly string[] | null, at: number): ModelStats[] {
  return [...(modelIds ?? tables.limits.keys())].flatMap((modelId) => {
    const limit = tables.limit(modelId)
    if (limit === undefined) return []
    const rows = tables.all().filter((row) => row.modelId === modelId)
    const counts = Object.fromEntries(STATUSES.map((s) => [s, rows.filter((row) => row.status === s).length]))
    const startable = tables.startable(modelId, at)
    const starts = tables.inPlace(modelId, 'leased').map((row) => row.startedAt as number)
    return {
      ...limit,
      counts: counts as Record<Status, number>,
      waiting: startable.length,
      delayed: tables.queued(modelId) - startable.length,
      nextQueuedAt: startable[0]?.queuedAt ?? null,
      activeStartedAt: starts.sort(byNumber).slice(0, ACTIVE_STARTS_MAX),
      recentRunMs: (tables.runs.get(modelId) ?? []).slice(0, RECENT_RUNS_MAX),
    }
  })
}

export function rollupTables(tables: Tables, { modelIds, fromHour }: RollupQuery): RollupFact[] {
  const sums = new Map<string, RollupFact>()
  for (const fact of tables.facts) {
    if (fact.hour < fromHour || (modelIds !== null && !modelIds.includes(fact.modelId))) continue
    const key = JSON.stringify([fact.modelId, fact.hour, fact.measure, fact.bin])
    const known = sums.get(key)
    sums.set(
      key,
      known === undefined ? fact : { ...fact, count: known.count + fact.count, sum: known.sum + fact.sum },
    )
  }
  return [...sums.values()]
}

export function ledgerTables(tables: Tables, { userId, queueId, cursor, limit }: LedgerQuery): LedgerPage {
  const found = tables.ledger
    .filter((entry) => entry.userId === userId && (queueId === null || entry.queueId === queueId))
    .filter((entry) => cursor === null || entry.entryId < cursor)
    .reverse()
  const entries = found.slice(0, limit)
  return { entries, cursor: found.length > limit ? (entries.at(-1)?.entryId ?? null) : null }
}

export function auditTables(tables: Tables, { modelCursor, userCursor, limit }: AuditQuery): AuditPage {
  const page = (ids: Iterable<string>, cursor: string | null) =>
    cursor === null ? [] : [...ids].filter((id) => id > cursor).sort()
  const modelIds = page(tables.limits.keys(), modelCursor)
  const userIds = page(tables.accounts.keys(), userCursor)
  const next = (ids: string[]) => (ids.length > limit ? (ids[limit - 1] as string) : null)
  return {
    models: modelIds.slice(0, limit).flatMap((modelId) => {
      const stored = tables.limit(modelId)
      if (stored === undefined) return []
      const { maxConcurrent, active } = stored
      const waiting = tables.queued(modelId)
      return {
        modelId,
        maxConcurrent,
        active,
        leased: tables.inPlace(modelId, 'leased').length,
        waiting,
        indexed: waiting,
      }
    }),
    users: userIds.slice(0, limit).flatMap((userId) => {
      const account = tables.account(userId)
      return account === undefined ? [] : { account, live: tables.live(userId) }
    }),
    modelCursor: next(modelIds),
    userCursor: next(userIds),
  }
}
