import {
  type Account,
  type AdmitItem,
  type Books,
  type Change,
  compareWaiting,
  type GenerationRow,
  type LedgerEntry,
  type LedgerLine,
  type Limit,
} from '@genqueue/core'
import { AFTER_ALL } from '../reads/position.js'

/** What one command may look at, loaded before it runs. */
export interface Loaded {
  readonly rows: Iterable<GenerationRow>
  readonly accounts: Iterable<Account>
  readonly limits: Iterable<Limit>
  /** Grants and revocations under the keys that the command names. */
  readonly posted: Iterable<Pick<LedgerEntry, 'userId' | 'kind' | 'amount'> & { readonly key: string }>
  readonly models: ReadonlyMap<string, LoadedModel>
  /** How many that may start stand before a row, or, under `aheadOfNewKey`, before one yet to come. */
  readonly ahead: ReadonlyMap<number | string, number>
}

export interface LoadedModel {
  /** May start now but for the cap. */
  readonly waiting: number
  /** In a waiting place, the delayed ones included. */
  readonly queued: number
  /** The first of those that may start, in their order: as many as the command can take. */
  readonly heads: readonly GenerationRow[]
}

export const aheadOfNewKey = (modelId: string, priority: number): string => `${priority} ${modelId}`
const userKey = (userId: string, key: string) => JSON.stringify([userId, key])

/**
 * Core's books over what was loaded from a database: the plan runs on them in this process, and what it wrote is
 * collected for the transaction to write.
 */
export class LoadedBooks implements Books {
  readonly changes: Change[] = []
  readonly renewed: GenerationRow[] = []
  readonly posts: { readonly account: Account; readonly line: LedgerLine }[] = []
  readonly writtenLimits: Limit[] = []
  readonly storedAccounts: ReadonlySet<string>
  readonly storedLimits: ReadonlySet<string>
  readonly #rows = new Map<number, GenerationRow>()
  readonly #keys = new Map<string, number>()
  readonly #accounts = new Map<string, Account>()
  readonly #posted = new Map<string, Pick<LedgerEntry, 'kind' | 'amount'>>()
  readonly #limits = new Map<string, Limit>()
  readonly #loaded: Loaded
  /** Rows that the command itself queued, in their order of coming. */
  readonly #newcomers: GenerationRow[] = []
  /** By model: what the command has added to those in a waiting place. */
  readonly #queuedChange = new Map<string, number>()
  /** By model: heads that wait no more. */
  readonly #passed = new Map<string, number>()
  /** The database numbers rows when they are written; until then they have ids above all of its own. */
  #lastNewId = AFTER_ALL

  constructor(loaded: Partial<Loaded>) {
    this.#loaded = {
      rows: [],
      accounts: [],
      limits: [],
      posted: [],
      models: new Map(),
      ahead: new Map(),
      ...loaded,
    }
    for (const row of this.#loaded.rows) this.#setRow(row)
    for (const account of this.#loaded.accounts) this.#accounts.set(account.userId, account)
    for (const limit of this.#loaded.limits) this.#limits.set(limit.modelId, limit)
    this.storedAccounts = new Set(this.#accounts.keys())
    this.storedLimits = new Set(this.#limits.keys())
    for (const { userId, key, kind, amount } of this.#loaded.posted) {
      this.#posted.set(userKey(userId, key), { kind, amount })
    }
  }

  nextQueueId(): number {
    this.#lastNewId += 1
    return this.#lastNewId
  }

  row(queueId: number): GenerationRow | undefined {
    return this.#rows.get(queueId)
  }

  rowOfKey({ userId, idempotencyKey }: AdmitItem): GenerationRow | undefined {
    const queueId = this.#keys.get(userKey(userId, idempotencyKey))
    return queueId === undefined ? undefined : this.#rows.get(queueId)
  }

  account(userId: string): Account | undefined {
    return this.#accounts.get(userId)
  }

  posted(userId: string, key: string): Pick<LedgerEntry, 'kind' | 'amount'> | undefined {
    return this.#posted.get(userKey(userId, key))
  }

  limit(modelId: string): Limit | undefined {
    return this.#limits.get(modelId)
  }

  modelIds(): Iterable<string> {
    return this.#limits.keys()
  }

  waiting(modelId: string): number {
    return (this.#loaded.models.get(modelId)?.waiting ?? 0) + (this.#queuedChange.get(modelId) ?? 0)
  }

  queued(modelId: string): number {
    return (this.#loaded.models.get(modelId)?.queued ?? 0) + (this.#queuedChange.get(modelId) ?? 0)
  }

  ahead(row: GenerationRow): number {
    const { ahead } = this.#loaded
    const stored = ahead.get(row.queueId) ?? ahead.get(aheadOfNewKey(row.modelId, row.priority)) ?? 0
    const before = this.#newcomers.filter(
      (other) => other.modelId === row.modelId && compareWaiting(other, row) < 0,
    )
    return stored + before.length
  }

  /** The first of the loaded heads that still waits, or one that this command has put back before it. */
  next(modelId: string, at: number): GenerationRow | undefined {
    const heads = this.#loaded.models.get(modelId)?.heads ?? []
    let passed = this.#passed.get(modelId) ?? 0
    while (passed < heads.length && !this.#stillWaits(heads[passed] as GenerationRow)) passed += 1
    this.#passed.set(modelId, passed)
    const back = this.#newcomers
      .map((row) => this.#rows.get(row.queueId) as GenerationRow)
      .filter((row) => row.modelId === modelId && isWaiting(row) && (row.notBefore ?? at) <= at)
    return [...heads.slice(passed, passed + 1), ...back].sort(compareWaiting)[0]
  }

  /** Where it was loaded: what left the queue and came back stands elsewhere. */
  #stillWaits({ queueId }: GenerationRow): boolean {
    const row = this.#rows.get(queueId)
    return row === undefined || (isWaiting(row) && !this.#newcomers.some((back) => back.queueId === queueId))
  }

  write(change: Change): void {
    const { row, before, move, account } = change
    this.changes.push(change)
    this.#setRow(row)
    if (account !== null) this.#accounts.set(account.userId, account)
    const limit = this.#limits.get(row.modelId)
    if (limit !== undefined && move.slot !== 0) {
      this.#limits.set(row.modelId, { ...limit, active: Math.max(0, limit.active + move.slot) })
    }
    const queued = Number(isWaiting(row)) - Number(before !== null && isWaiting(before))
    if (queued === 1) this.#newcomers.push(row)
    this.#queuedChange.set(row.modelId, (this.#queuedChange.get(row.modelId) ?? 0) + queued)
  }

  writeRenewed(_before: GenerationRow, after: GenerationRow): void {
    this.#setRow(after)
    this.renewed.push(after)
  }

  writePost(account: Account, line: LedgerLine): void {
    this.#accounts.set(account.userId, account)
    this.#posted.set(userKey(account.userId, line.key ?? ''), line)
    this.posts.push({ account, line })
  }

  writeLimit(limit: Limit): void {
    this.#limits.set(limit.modelId, limit)
    this.writtenLimits.push(limit)
  }

  #setRow(row: GenerationRow): void {
    this.#rows.set(row.queueId, row)
    this.#keys.set(userKey(row.userId, row.idempotencyKey), row.queueId)
  }
}

const isWaiting = (row: GenerationRow) => row.completedAt === null && row.leaseToken === null
