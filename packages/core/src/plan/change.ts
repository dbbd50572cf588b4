import type { Account, GenerationRow } from '../generation.js'
import type { Move } from '../rules.js'
import type { Refusal } from '../storage.js'

/**
 * What one accepted item does. A storage writes all of it or nothing: the row, the account, the model's slots
 * (`move.slot`), and what effects.ts derives for the ledger, the rollups and the run times.
 */
export interface Change {
  readonly move: Move
  readonly at: number
  /** As it was; null: it is new. */
  readonly before: GenerationRow | null
  readonly row: GenerationRow
  /** How many of the reserved tickets it captures; the rest of what it settles is refunded. */
  readonly used: number
  /** The user's account after it; null when no ticket moves. */
  readonly account: Account | null
}

export const refuse = (code: Refusal['code'], seen: Partial<Refusal> = {}): Refusal => ({
  ...seen,
  ok: false,
  code,
})

/** The account after a reservation of `cost` (`reserve` 1) or its settling (`reserve` -1) with `used` captured. */
export function moveTickets(account: Account, reserve: -1 | 1, cost: number, used: number): Account {
  return {
    userId: account.userId,
    balance: account.balance - used,
    reserved: account.reserved + reserve * cost,
    granted: account.granted,
    captured: account.captured + used,
  }
}
