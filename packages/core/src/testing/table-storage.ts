import { StorageError } from '../errors.js'
import { HOUR_MS } from '../generation.js'
import {
  positionIn,
  runAdmit,
  runApply,
  runClaim,
  runLimit,
  runPost,
  runRenew,
  runStart,
} from '../plan/commands.js'
import { systemClock } from '../runtime.js'
import type { MendCommand, PurgeCommand, Storage } from '../storage.js'
import {
  auditTables,
  dueTables,
  ledgerTables,
  listTables,
  rollupTables,
  statsTables,
} from './table-queries.js'
import { Tables } from './tables.js'

export interface TableStorageOptions {
  readonly name?: string
  readonly tables?: Tables
  readonly clock?: { now(): number }
  /** Runs after every command that may have changed something, before its answer: a place to save the tables. */
  readonly save?: (tables: Tables) => void
}

/**
 * A whole storage over plain tables: the reference that other storages are compared with, and a start for one's
 * own. Every read is a scan; use it for a few thousand generations.
 */
export function tableStorage(options: TableStorageOptions = {}): Storage {
  const { name = 'tables', tables = new Tables(), clock = systemClock, save } = options
  let closed = false

  const read = async <Result>(at: number | undefined, query: (at: number) => Result): Promise<Result> => {
    if (closed) throw new StorageError(`the ${name} storage is closed`, { transient: false })
    return query(at ?? clock.now())
  }
  const write = async <Result>(at: number | undefined, command: (at: number) => Result): Promise<Result> => {
    const result = await read(at, command)
    save?.(tables)
    return result
  }

  return {
    name,
    supports: {
      shared: false,
      durable: save !== undefined,
      listen: false,
      transactions: false,
      batchMax: 500,
      batchesInFlight: 1,
    },
    open: () => read(0, () => {}),
    async close() {
      closed = true
    },
    now: () => read(undefined, (at) => at),
    admit: (command) => write(command.at, (at) => runAdmit(tables, command, at)),
    claim: (command) => write(command.at, (at) => runClaim(tables, command, at)),
    applyAndClaim: (command, claim) =>
      write(command.at, (at) => ({
        applied: runApply(tables, command, at),
        claimed: runClaim(tables, claim, claim.at ?? at),
      })),
    start: (command) => write(command.at, (at) => runStart(tables, command, at)),
    apply: (command) => write(command.at, (at) => runApply(tables, command, at)),
    renew: (command) => write(command.at, (at) => runRenew(tables, command, at)),
    post: (command) => write(command.at, (at) => runPost(tables, command, at)),
    limit: (command) => write(command.at, (at) => runLimit(tables, command, at)),
    purge: (command) => write(0, () => purgeTables(tables, command)),
    mend: (command) => write(0, () => mendTables(tables, command)),
    get: (queueIds) => read(0, () => queueIds.map((id) => tables.row(id) ?? null)),
    list: (query) => read(0, () => listTables(tables, query)),
    positions: ({ queueIds, at: time }) =>
      read(time, (at) => queueIds.map((id) => positionIn(tables, tables.row(id), at))),
    due: (query) => read(query.at, (at) => dueTables(tables, query, at)),
    stats: (query) => read(query.at, (at) => statsTables(tables, query.modelIds, at)),
    rollups: (query) => read(0, () => rollupTables(tables, query)),
    accounts: (userIds) => read(0, () => userIds.map((id) => tables.account(id) ?? null)),
    ledger: (query) => read(0, () => ledgerTables(tables, query)),
    limits: () => read(0, () => [...tables.limits.values()].sort((a, b) => (a.modelId < b.modelId ? -1 : 1))),
    audit: (query) => read(0, () => auditTables(tables, query)),
  }
}

function purgeTables(tables: Tables, command: PurgeCommand): number {
  const { before, max } = command
  if (command.what === 'generations') {
    const old = tables
      .all()
      .filter(
        (row) =>
          command.statuses.includes(row.status) && row.completedAt !== null && row.completedAt <= before,
      )
      .sort((a, b) => (a.completedAt as number) - (b.completedAt as number) || a.queueId - b.queueId)
      .slice(0, max)
    for (const row of old) tables.rows.delete(row.queueId)
    return old.length
  }
  const table: readonly unknown[] = command.what === 'ledger' ? tables.ledger : tables.facts
  const length = table.length
  let room = max
  const keep = (old: boolean) => !old || room-- <= 0
  if (command.what === 'ledger') tables.ledger = tables.ledger.filter((entry) => keep(entry.at <= before))
  else tables.facts = tables.facts.filter((fact) => keep(fact.hour + HOUR_MS <= before))
  return length - (command.what === 'ledger' ? tables.ledger : tables.facts).length
}

function mendTables(tables: Tables, { modelIds, userIds }: MendCommand): void {
  for (const modelId of modelIds) {
    const limit = tables.limit(modelId)
    if (limit !== undefined) tables.writeLimit({ ...limit, active: tables.inPlace(modelId, 'leased').length })
  }
  for (const userId of userIds) {
    const account = tables.account(userId)
    if (account === undefined) continue
    const granted = account.balance + account.captured
    tables.accounts.set(userId, { ...account, granted, reserved: tables.live(userId) })
  }
}
