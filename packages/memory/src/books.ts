import {
  type Account,
  type AdmitItem,
  type Books,
  type Change,
  type GenerationRow,
  giveFacts,
  giveLines,
  type LedgerEntry,
  type LedgerLine,
  type Limit,
  measuredRunMs,
  type Place,
  STATUS_TABLE,
} from '@genqueue/core'
import { EntryIds, type Ledger } from './ledger.js'
import { forEachStatus, ModelBook } from './model-book.js'
import { byCompletion, byDeadline, byLeaseExpiry, byText } from './orders.js'
import { RowTable } from './row-table.js'
import { SortedSet } from './sorted-set.js'
import { overwrite, type StoredRow } from './stored-row.js'
import { UserBook } from './user-book.js'

/** Everything that the storage knows, and the one place where it changes. */
export class MemoryBooks implements Books {
  readonly rows = new RowTable()
  readonly models = new Map<string, ModelBook>()
  readonly users = new Map<string, UserBook>()
  /** Ids of the users that have an account. */
  readonly accountIds = new SortedSet<string>(byText)
  /** Every ledger that is not empty, the one with the oldest entry first. */
  readonly ledgers = new SortedSet<Ledger>(byOldest)
  readonly leases = new SortedSet<StoredRow>(byLeaseExpiry)
  readonly deadlines = new SortedSet<StoredRow>(byDeadline)
  readonly settled = forEachStatus(() => new SortedSet<StoredRow>(byCompletion))
  readonly #entryIds = new EntryIds()

  nextQueueId(): number {
    return this.rows.nextId()
  }

  row(queueId: number): StoredRow | undefined {
    return this.rows.get(queueId)
  }

  /** A key that core made is new, unless the command was sent before. */
  rowOfKey({ userId, idempotencyKey, fingerprint }: AdmitItem, again: boolean): StoredRow | undefined {
    if (fingerprint === '' && !again) return undefined
    const queueId = this.users.get(userId)?.idOfKey(idempotencyKey, this.rows)
    return queueId === undefined ? undefined : this.rows.get(queueId)
  }

  account(userId: string): Account | undefined {
    return this.users.get(userId)?.account
  }

  posted(userId: string, key: string): LedgerEntry | undefined {
    return this.users.get(userId)?.ledger.posted(key)
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

  next(modelId: string, at: number): StoredRow | undefined {
    return this.models.get(modelId)?.promoted(at).waiting.first()
  }

  /** Carries out one decided change, whole. */
  write(change: Change): void {
    const { move, before, row, account } = change
    const model = this.models.get(row.modelId) as ModelBook
    const user = this.#user(row.userId)
    giveFacts(change, model.rollups)
    const runMs = measuredRunMs(change)
    if (runMs !== null) model.ran(runMs)
    if (before === null) this.#add(row, user, model)
    else this.#move(before, row, model)
    model.limit.active += move.slot
    if (account === null) return
    user.account = account
    const isFirst = user.ledger.isEmpty
    giveLines(change, user.ledger)
    if (isFirst) this.ledgers.add(user.ledger)
  }

  writeRenewed(before: GenerationRow, row: GenerationRow): void {
    this.#move(before, row, this.models.get(row.modelId) as ModelBook)
  }

  writePost(account: Account, line: LedgerLine): void {
    const user = this.#user(account.userId)
    if (user.account === undefined) this.accountIds.add(account.userId)
    user.account = account
    const isFirst = user.ledger.isEmpty
    user.ledger.add(line)
    if (isFirst) this.ledgers.add(user.ledger)
  }

  writeLimit(limit: Limit): void {
    const model = this.models.get(limit.modelId)
    if (model === undefined) this.models.set(limit.modelId, new ModelBook(limit))
    else Object.assign(model.limit, limit)
  }

  /** Forgets a settled row. */
  remove(row: StoredRow): void {
    this.#unplace(row, this.models.get(row.modelId) as ModelBook)
    this.rows.delete(row.queueId)
    const user = this.#user(row.userId)
    user.remove(row)
    // Without tickets, users may be as many as visitors.
    if (user.ids.size === 0 && user.account === undefined) this.users.delete(row.userId)
  }

  /** Forgets entries of the ledger that has the oldest, until another has an older one; answers how many. */
  purgeOldestLedger(before: number, max: number): number {
    const ledger = this.ledgers.first()
    if (ledger === undefined) return 0
    // Its place among the ledgers follows from its oldest entry, which is about to change.
    this.ledgers.delete(ledger)
    const next = this.ledgers.first()?.oldest()?.at ?? before
    const removed = ledger.purge(Math.min(before, next), max)
    if (!ledger.isEmpty) this.ledgers.add(ledger)
    return removed
  }

  #user(userId: string): UserBook {
    let user = this.users.get(userId)
    if (user === undefined) {
      user = new UserBook(userId, this.#entryIds)
      this.users.set(userId, user)
    }
    return user
  }

  /** A new row is this storage's own from here on. */
  #add(row: StoredRow, user: UserBook, model: ModelBook): void {
    this.rows.add(row)
    user.add(row)
    this.#place(row, model)
  }

  /** `row` is the one that these books gave the plan to look at. */
  #move(row: StoredRow, after: GenerationRow, model: ModelBook): void {
    this.#unplace(row, model)
    overwrite(row, after)
    this.#place(row, model)
  }

  #place(row: StoredRow, model: ModelBook): void {
    model.idsByStatus[row.status].add(row.queueId)
    PLACES[STATUS_TABLE[row.status].place].enter(this, row, model)
  }

  #unplace(row: StoredRow, model: ModelBook): void {
    model.idsByStatus[row.status].delete(row.queueId)
    PLACES[STATUS_TABLE[row.status].place].leave(this, row, model)
  }
}

function byOldest(a: Ledger, b: Ledger): number {
  const [x, y] = [a.oldest(), b.oldest()] as [
    { at: number; entryId: number },
    { at: number; entryId: number },
  ]
  return x.at - y.at || x.entryId - y.entryId
}

interface PlaceBooks {
  enter(books: MemoryBooks, row: StoredRow, model: ModelBook): void
  leave(books: MemoryBooks, row: StoredRow, model: ModelBook): void
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
    enter: (books, row) => books.settled[row.status].add(row),
    leave: (books, row) => void books.settled[row.status].delete(row),
  },
}
