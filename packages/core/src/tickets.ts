import { z } from 'zod'
import type { Engine } from './engine.js'
import type { Account, LedgerEntry } from './generation.js'
import { BALANCE_MAX } from './plan/post.js'
import { refusalError } from './refusals.js'
import { readInput } from './schemas/input.js'
import { textWithin } from './schemas/text.js'
import type { PostResult } from './storage.js'

/** A user's tickets. `available = balance - reserved` may be spent. */
export interface TicketAccount extends Account {
  readonly available: number
}

export interface PostOptions {
  /** Idempotency key, unique per user: a repeated grant with it changes nothing. Default: a new one each call. */
  readonly id?: string | undefined
  readonly memo?: string | undefined
}

export interface HistoryPage {
  readonly entries: readonly LedgerEntry[]
  /** Pass it on for the next page; null at the end. */
  readonly cursor: number | null
}

export interface HistoryQuery {
  /** 1 to 200; default 50. */
  readonly limit?: number | undefined
  readonly cursor?: number | null | undefined
  /** Only what belongs to this generation. */
  readonly queueId?: number | undefined
}

export interface Tickets {
  /** Adds tickets (1 or more) and opens the account. */
  grant(userId: string, amount: number, options?: PostOptions): Promise<TicketAccount>
  /** Takes away tickets that are not reserved; throws INSUFFICIENT_TICKETS when fewer are available. */
  revoke(userId: string, amount: number, options?: PostOptions): Promise<TicketAccount>
  /** A user without an account has zeros. */
  account(userId: string): Promise<TicketAccount>
  /** Newest first. */
  history(userId: string, query?: HistoryQuery): Promise<HistoryPage>
}

export const HISTORY_PAGE_MAX = 200

export function createTickets(engine: Engine): Tickets {
  const id = z
    .string()
    .min(1)
    .max(engine.settings.sizes.idLength)
    .refine(...textWithin)
  const amountSchema = z
    .int('amount must be a whole number of tickets')
    .min(1, 'amount must be 1 or more')
    .max(BALANCE_MAX)
  const optionsSchema = z.strictObject({ id: id.optional(), memo: id.optional() }).prefault({})
  const historySchema = z
    .strictObject({
      limit: z.int().min(1).max(HISTORY_PAGE_MAX).default(50),
      cursor: z.int().min(0).nullish(),
      queueId: z.int().min(1).optional(),
    })
    .prefault({})

  const post = async (doing: string, userId: string, amount: number, sign: 1 | -1, options?: PostOptions) => {
    const user = readInput(doing, id, userId)
    const tickets = readInput(doing, amountSchema, amount)
    const { id: given, memo } = readInput(doing, optionsSchema, options)
    const key = given ?? engine.settings.randomness.token()
    const item = { userId: user, amount: sign * tickets, key, memo: memo ?? null }
    const [answer] = await engine.call((s) => s.post({ items: [item], ...engine.at() }))
    const result = answer as PostResult
    if (!result.ok) throw refusalError(result, { doing, userId: user, ticketCost: tickets })
    return present(result.account)
  }

  return {
    grant: (userId, amount, options) => post('tickets.grant', userId, amount, 1, options),
    revoke: (userId, amount, options) => post('tickets.revoke', userId, amount, -1, options),
    async account(userId) {
      const user = readInput('tickets.account', id, userId)
      const [account] = await engine.call((s) => s.accounts([user]))
      return present(account ?? { userId: user, balance: 0, reserved: 0, granted: 0, captured: 0 })
    },
    async history(userId, query) {
      const user = readInput('tickets.history', id, userId)
      const { limit, cursor, queueId } = readInput('tickets.history', historySchema, query)
      return engine.call((s) =>
        s.ledger({ userId: user, limit, cursor: cursor ?? null, queueId: queueId ?? null }),
      )
    },
  }
}

const present = (account: Account): TicketAccount => ({
  ...account,
  available: account.balance - account.reserved,
})
