import type { Account } from '@genqueue/core'
import { Ledger } from './ledger.js'
import { byId } from './orders.js'
import { SortedSet } from './sorted-set.js'

/** One user: tickets, history, and what was asked for. */
export class UserBook {
  account: Account | undefined
  readonly ledger: Ledger
  readonly ids = new SortedSet<number>(byId)
  /** queueId by idempotency key. */
  readonly keys = new Map<string, number>()

  constructor(userId: string) {
    this.ledger = new Ledger(userId)
  }
}
