import {
  type Account,
  type Books,
  type Change,
  compareWaiting,
  type GenerationRow,
  type LedgerEntry,
  type LedgerLine,
  type Limit,
  type Place,
  RECENT_RUNS_MAX,
  STATUS_TABLE,
  STATUSES,
  type Status,
} from '@genqueue/core'
import { Rollups } from './rollups.js'
import { SortedSet } from './sorted-set.js'

const byId = (a: number, b: number) => a - b
/** Orders rows by one of their times, then by id. */
const byTime =
  (field: 'notBefore' | 'leaseExpiresAt' | 'deadlineAt' | 'completedAt') =>
  (a: GenerationRow, b: GenerationRow) =>
    (a[field] as number) - (b[field] as number) || a.queueId - b.queueId

/** One model: its limit, its queue and who runs. */
export class ModelBook {
  limit: Limit
  readonly waiting = new SortedSet<GenerationRow>(compareWaiting)
  readonly delayed = new SortedSet<GenerationRow>(byTime('notBefore'))
  readonly idsByStatus: Readonly<Record<Status, SortedSet<number>>>
  readonly rollups = new Rollups()
  /** Newest first. */
  readonly recentRunMs: number[] = []

  constructor(limit: Limit) {
    this.limit = limit
    this.idsByStatus = Object.fromEntries(STATUSES.map((s) => [s, new SortedSet<number>(byId)])) as Record<
      Status,
      SortedSet<number>
    >
  }

  /** Delayed rows whose time has come go to the queue. */
  promoted(at: number): this {
    for (let next = this.delayed.first(); next !== undefined; next = this.delayed.first()) {
      if ((next.notBefore as number) > at) return this
      this.delayed.delete(next)
      this.waiting.add(next)
    }
    return this
  }
}

/** One user: tickets, history, and what was asked for. */
export class UserBook {
  account: Account | undefined
  ledger: LedgerEntry[] = []
  readonly ids = new SortedSet<number>(byId)
  /** queueId by idempotency key. */
  readonly keys = new Map<string, number>()
  /** Grants and revocations by key. */
  readonly posts = new Map<string, LedgerEntry>()
}

/** Everything that the storage knows, and the one place where it changes. */
export class MemoryBooks implements Books {
  readonly rows = new Map<number, GenerationRow>()
  readonly models = new Map<string, ModelBook>()
  readonly users = new Map<string, UserBook>()
  readonly leases = new SortedSet<GenerationRow>(byTime('leaseExpiresAt'))
  readonly deadlines = new SortedSet<GenerationRow>(byTime('deadlineAt'))
  readonly settled = new SortedSet<GenerationRow>(byTime('completedAt'))
  #lastQueueId = 0
  #lastEntryId = 0

  nextQueueId(): number {
    this.#lastQueueId += 1
    return this.#lastQueueId
  }

  row(queueId: number): GenerationRow | undefined {
    return this.rows.get(queueId)
  }

  rowOfKey(userId: string, idempotencyKey: string): GenerationRow | undefined {
    const queueId = this.users.get(userId)?.keys.get(idempotencyKey)
    return queueId === undefined ? undefined : this.rows.get(queueId)
  }

  account(userId: string): Account | undefined {
    return this.users.get(userId)?.account
  }

  posted(userId: string, key: string): LedgerEntry | undefined {
    return this.users.get(userId)?.posts.get(key)
  }

  limit(modelId: string): Limit | undefined {
    return this.models.get(modelId)?.limit
  }

  modelIds(): Iterable<string> {
    return this.models.keys()
  }

  waiting(modelId: string, at: number): number {
    return this.models.get(modelId)?.promoted(at).waiting.size ?? 0
  }

  queued(modelId: string): number {
    const model = this.models.get(modelId)
    return model === undefined ? 0 : model.waiting.size + model.delayed.size
  }

  ahead(row: GenerationRow, at: number): number {
    return this.models.get(row.modelId)?.promoted(at).waiting.rank(row) ?? 0
  }

  next(modelId: string, at: number): GenerationRow | undefined {
    return this.models.get(modelId)?.promoted(at).waiting.first()
  }

  user(userId: string): UserBook {
    let user = this.users.get(userId)
    if (user === undefined) {
      user = new UserBook()
      this.users.set(userId, user)
    }
    return user
  }

  /** Carries out one decided change, whole. */
  write(change: Change): void {
    const { row, before } = change
    const model = this.models.get(row.modelId) as ModelBook
    const user = this.user(row.userId)
    if (before !== null) this.#unplace(before, model)
    else {
      user.ids.add(row.queueId)
      user.keys.set(row.idempotencyKey, row.queueId)
    }
    this.rows.set(row.queueId, row)
    this.#place(row, model)
    if (change.slot !== 0) model.limit = { ...model.limit, active: model.limit.active + change.slot }
    if (change.account !== null) user.account = change.account
    for (const line of change.lines) this.record(user, line)
    for (const fact of change.facts) model.rollups.add(fact)
    if (change.runMs !== null) {
      model.recentRunMs.unshift(change.runMs)
      if (model.recentRunMs.length > RECENT_RUNS_MAX) model.recentRunMs.pop()
    }
  }

  writeRenewed(before: GenerationRow, row: GenerationRow): void {
    this.leases.delete(before)
    this.leases.add(row)
    this.rows.set(row.queueId, row)
  }

  writePost(account: Account, line: LedgerLine): void {
    const user = this.user(account.userId)
    user.account = account
    this.record(user, line)
  }

  writeLimit(limit: Limit): void {
    const model = this.models.get(limit.modelId)
    if (model === undefined) this.models.set(limit.modelId, new ModelBook(limit))
    else model.limit = limit
  }

  record(user: UserBook, line: LedgerLine): LedgerEntry {
    this.#lastEntryId += 1
    const { userId, at, kind, amount, balance, reserved, queueId, key, memo } = line
    const entry = {
      entryId: this.#lastEntryId,
      userId,
      at,
      kind,
      amount,
      balance,
      reserved,
      queueId,
      key,
      memo,
    }
    user.ledger.push(entry)
    if (key !== null) user.posts.set(key, entry)
    return entry
  }

  /** Forgets a settled row. */
  remove(row: GenerationRow): void {
    this.#unplace(row, this.models.get(row.modelId) as ModelBook)
    this.rows.delete(row.queueId)
    const user = this.user(row.userId)
    user.ids.delete(row.queueId)
    user.keys.delete(row.idempotencyKey)
  }

  #place(row: GenerationRow, model: ModelBook): void {
    model.idsByStatus[row.status].add(row.queueId)
    PLACES[STATUS_TABLE[row.status].place].enter(this, row, model)
  }

  #unplace(row: GenerationRow, model: ModelBook): void {
    model.idsByStatus[row.status].delete(row.queueId)
    PLACES[STATUS_TABLE[row.status].place].leave(this, row, model)
  }
}

interface PlaceBooks {
  enter(books: MemoryBooks, row: GenerationRow, model: ModelBook): void
  leave(books: MemoryBooks, row: GenerationRow, model: ModelBook): void
}

/** Which sets a row stands in, by its place. */
const PLACES: Readonly<Record<Place, PlaceBooks>> = {
  waiting: {
    enter(books, row, model) {
      // A delay that is over is promoted by the next command that looks.
      if (row.notBefore === null) model.waiting.add(row)
      else model.delayed.add(row)
      if (row.deadlineAt !== null) books.deadlines.add(row)
    },
    leave(books, row, model) {
      if (!model.waiting.delete(row)) model.delayed.delete(row)
      if (row.deadlineAt !== null) books.deadlines.delete(row)
    },
  },
  leased: {
    enter: (books, row) => books.leases.add(row),
    leave: (books, row) => void books.leases.delete(row),
  },
  done: {
    enter: (books, row) => books.settled.add(row),
    leave: (books, row) => void books.settled.delete(row),
  },
}
