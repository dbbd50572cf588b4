import type {
  Limit,
  LimitCommand,
  PostCommand,
  PostResult,
  PurgeCommand,
  RenewCommand,
  RenewResult,
} from '@genqueue/core'
import type { Books } from './books.js'
import { demand, Violation } from './violation.js'

/** Heartbeats: only the current lease is renewed. */
export function judgeRenew(
  books: Books,
  command: RenewCommand,
  results: readonly RenewResult[],
  at: number,
): number[] {
  const touched: number[] = []
  for (const [i, { queueId, token }] of command.items.entries()) {
    const result = results[i]
    demand(result !== undefined, 'contract', { queueId }, () => 'an item of a batch has no answer')
    const known = books.generations.get(queueId)
    if (known !== undefined) touched.push(queueId)
    const current = known !== undefined && known.token === token
    if (!result.ok) {
      demand(!current, 5, { queueId }, () => `the heartbeat of the current lease was refused: ${result.code}`)
      const code = known === undefined ? 'generation_unknown' : known.token ? 'lease_mismatch' : 'status_mismatch'
      demand(result.code === code, 5, { queueId }, () => `a heartbeat was refused with ${result.code}, not ${code}`)
      continue
    }
    demand(current, 5, { queueId }, () => `the heartbeat of ${token} was accepted, current is ${known?.token}`)
    const until = at + command.leaseMs
    const told = result.leaseExpiresAt
    demand(told === until, 'contract', { queueId }, () => `renewed until ${told}, not ${until}`)
    known.leaseUntil = until
  }
  return touched
}

/** Grants and revocations: once per key, and never of what is reserved. */
export function judgePost(books: Books, command: PostCommand, results: readonly PostResult[]): void {
  for (const [i, { userId, amount, key }] of command.items.entries()) {
    const result = results[i]
    demand(result !== undefined, 'contract', { userId }, () => 'an item of a batch has no answer')
    const user = books.user(userId)
    const earlier = user.posts.get(key)
    if (!result.ok) {
      const short = result.code === 'tickets_short' && -amount > user.balance - user.reserved
      const conflict = result.code === 'idempotency_conflict' && earlier !== undefined && earlier !== amount
      if (!short && !conflict) throw new Violation(3, { userId }, `${amount} tickets refused: ${result.code}`)
      continue
    }
    if (result.repeated || earlier !== undefined) {
      const same = result.repeated && earlier === amount
      demand(same, 8, { userId }, () => `${amount} tickets under a key of ${earlier}, repeated: ${result.repeated}`)
      continue
    }
    const left = user.balance + amount
    demand(left >= user.reserved, 3, { userId }, () => `${-amount} tickets revoked, ${left} left of which ${user.reserved} are reserved`)
    user.balance = left
    user.granted += amount
    user.posts.set(key, amount)
  }
}

export function judgeLimit(books: Books, command: LimitCommand, results: readonly Limit[]): void {
  for (const [i, item] of command.items.entries()) {
    const { modelId } = item
    const before = books.models.get(modelId)
    if (before === undefined) {
      const { maxConcurrent, paused, defaults } = item
      const cap = maxConcurrent ?? defaults.maxConcurrent
      const made = { modelId, cap, paused: paused ?? false, leased: new Set<never>(), waiting: new Set<never>() }
      books.models.set(modelId, made)
    } else if (!item.onlyIfMissing) {
      before.cap = item.maxConcurrent ?? before.cap
      before.paused = item.paused ?? before.paused
    }
    compareLimit(books, results[i], modelId)
  }
}

export function compareLimit(books: Books, limit: Limit | undefined, modelId: string): void {
  const { cap, paused, leased } = books.model(modelId)
  const subject = { modelId }
  demand(limit !== undefined, 'contract', subject, () => `the limit of ${modelId} is gone`)
  const { maxConcurrent, active } = limit
  demand(active === leased.size, 9, subject, () => `${active} slots of ${modelId} count as taken, ${leased.size} are`)
  const same = maxConcurrent === cap && limit.paused === paused
  demand(same, 'contract', subject, () => `limit ${maxConcurrent}, paused ${limit.paused}; set was ${cap}, ${paused}`)
}

/** What is removed must have settled, in time and in the statuses that were named, and the oldest goes first. */
export function judgePurge(books: Books, command: PurgeCommand, removed: number): void {
  if (command.what !== 'generations') {
    demand(removed === 0, 7, {}, () => `${removed} ${command.what} removed that retention keeps`)
    return
  }
  const { statuses, before, max } = command
  const old = [...books.generations.values()].filter(
    ({ status, settledAt }) => statuses.includes(status) && settledAt !== null && settledAt <= before,
  )
  const right = removed === old.length && removed < max
  demand(right, 7, {}, () => `${removed} generations removed, ${old.length} had settled long enough ago`)
  for (const known of old) books.clear(known)
}
