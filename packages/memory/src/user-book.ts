import type { Account } from '@genqueue/core'
import { type EntryIds, Ledger } from './ledger.js'
import { byId } from './orders.js'
import type { RowTable } from './row-table.js'
import { SortedSet } from './sorted-set.js'
import type { StoredRow } from './stored-row.js'

/** One user: tickets, history, and what was asked for. */
export class UserBook {
  account: Account | undefined
  readonly ledger: Ledger
  readonly ids = new SortedSet<number>(byId)
  /** queueId by idempotency key; made when somebody asks for one, because most users never bring a key. */
  #keys: Map<string, number> | undefined

  constructor(userId: string, entryIds: EntryIds) {
    this.ledger = new Ledger(userId, entryIds)
  }

  add(row: StoredRow): void {
    this.ids.add(row.queueId)
    this.#keys?.set(row.idempotencyKey, row.queueId)
  }

  remove(row: StoredRow): void {
    this.ids.delete(row.queueId)
    this.#keys?.delete(row.idempotencyKey)
  }

  idOfKey(idempotencyKey: string, rows: RowTable): number | undefined {
    this.#keys ??= new Map(
      Array.from(this.ids.ascending(), (id) => [(rows.get(id) as StoredRow).idempotencyKey, id]),
    )
    return this.#keys.get(idempotencyKey)
  }
}
