import type { Account, LedgerEntry } from '../generation.js'
import type { PostItem, Refusal } from '../storage.js'
import { refuse } from './change.js'
import type { LedgerLine } from './effects.js'

/** Highest balance of an account; every storage counts exactly up to here (2^31 - 1, a 32-bit column). */
export const BALANCE_MAX = 2_147_483_647

export type PostPlan =
  | { readonly kind: 'refused'; readonly refusal: Refusal }
  | { readonly kind: 'repeated'; readonly account: Account }
  | { readonly kind: 'posted'; readonly account: Account; readonly line: LedgerLine }

/** Decides one grant or revocation; `earlier` is the entry under the same user and key. */
export function planPost(
  item: PostItem,
  account: Account | undefined,
  earlier: Pick<LedgerEntry, 'kind' | 'amount'> | undefined,
  at: number,
): PostPlan {
  const before = account ?? { userId: item.userId, balance: 0, reserved: 0, granted: 0, captured: 0 }
  if (earlier !== undefined) {
    const amount = earlier.kind === 'revoke' ? -earlier.amount : earlier.amount
    return amount === item.amount
      ? { kind: 'repeated', account: before }
      : { kind: 'refused', refusal: refuse('idempotency_conflict') }
  }
  const available = before.balance - before.reserved
  if (item.amount < 0 && -item.amount > available) {
    return { kind: 'refused', refusal: refuse('tickets_short', { available }) }
  }
  if (before.balance + item.amount > BALANCE_MAX) {
    return { kind: 'refused', refusal: refuse('tickets_overflow', { available }) }
  }
  const balance = before.balance + item.amount
  return {
    kind: 'posted',
    account: { ...before, balance, granted: before.granted + item.amount },
    line: {
      userId: item.userId,
      at,
      kind: item.amount < 0 ? 'revoke' : 'grant',
      amount: Math.abs(item.amount),
      balance,
      reserved: before.reserved,
      queueId: null,
      key: item.key,
      memo: item.memo,
    },
  }
}
