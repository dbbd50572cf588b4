import type {
  Limit,
  LimitCommand,
  PostCommand,
  PostResult,
  PurgeCommand,
  RenewCommand,
  RenewResult,
} from '@genqueue/core'
import type { Books, Known } from './books.js'
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
      const code =
        known === undefined ? 'generation_unknown' : known.token ? 'lease_mismatch' : 'status_mismatch'
      demand(
        result.code === code,
        5,
        { queueId },
        () => `a heartbeat was refused with ${result.code}, not ${code}`,
      )
      continue
    }
    demand(
      current,
      5,
      { queueId },
      () => `the heartbeat of ${token} was accepted, current is ${known?.token}`,
    )
    const until = at + command.leaseMs
    const told = result.leaseExpiresAt
    demand(told === until, 'contract', { queueId }, () => `renewed until ${told}, not ${until}`)
    known.leaseUntil = until
  }
  return touched
}

/** Grants and revocations: once per key, and never of what is reserved. */
export function judgePost(books: Books, command: PostCommand, results: readonly PostResult[]): number[] {
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
      demand(
        same,
        8,
        { userId },
        () => `${amount} tickets under a key of ${earlier}, repeated: ${result.repeated}`,
      )
      continue
    }
    const left = user.balance + amount
    demand(
      left >= user.reserved,
      3,
      { userId },
      () => `${-amount} tickets revoked, ${left} left of which ${user.reserved} are reserved`,
    )
    user.balance = left
    user.granted += amount
    user.posts.set(key, amount)
  }
  return []
}

export function judgeLimit(books: Books, command: LimitCommand, results: readonly Limit[]): number[] {
  for (const [i, item] of command.items.entries()) {
    const { modelId } = item
    const before = books.models.get(modelId)
    if (before === undefined) {
      const { maxConcurrent, paused, defaults } = item
      const cap = maxConcurrent ?? defaults.maxConcurrent
      const made = {
        modelId,
        cap,
        paused: paused ?? false,
        leased: new Set<never>(),
        waiting: new Set<never>(),
      }
      books.models.set(modelId, made)
    } else if (!item.onlyIfMissing) {
      before.cap = item.maxConcurrent ?? before.cap
      before.paused = item.paused ?? before.paused
    }
    compareLimit(books, results[i], modelId)
  }
  return []
}

export function compareLimit(books: Books, limit: Limit | undefined, modelId: string): void {
  const { cap, paused, leased } = books.model(modelId)
  const subject = { modelId }
  demand(limit !== undefined, 'contract', subject, () => `the limit of ${modelId} is gone`)
  const { maxConcurrent, active } = limit
  demand(
    active === leased.size,
    9,
    subject,
    () => `${active} slots of ${modelId} count as taken, ${leased.size} are`,
  )
  const same = maxConcurrent === cap && limit.paused === paused
  demand(
    same,
    'contract',
    subject,
    () => `limit ${maxConcurrent}, paused ${limit.paused}; set was ${cap}, ${paused}`,
  )
}

/** What is removed must have settled, in time and in the statuses that were named. Answers who may have gone. */
export function judgePurge(books: Books, command: PurgeCommand, removed: number): number[] {
  if (command.what !== 'generations') {
    demand(removed === 0, 7, {}, () => `${removed} ${command.what} removed that retention keeps`)
    return []
  }
  const { statuses, before, max } = command
  const old = [...books.generations.values()].filter(
    ({ status, settledAt }) => statuses.includes(status) && settledAt !== null && settledAt <= before,
  )
  // A storage that keeps the order of settling stops at the first that is too young by a clock that ran ahead.
  const all = removed === old.length || (books.wentBack && removed < old.length)
  demand(
    all && removed < max,
    7,
    {},
    () => `${removed} generations removed, ${old.length} had settled long enough ago`,
  )
  books.maybeCleared = removed
  return old.map(({ queueId }) => queueId)
}

/** Which of them are gone: as many as were told. */
export function judgeCleared(books: Books, queueIds: readonly number[], rows: readonly unknown[]): void {
  const gone = queueIds.filter((_, i) => rows[i] === null)
  const told = books.maybeCleared
  demand(gone.length === told, 7, {}, () => `${told} generations removed, ${gone.length} are gone`)
  for (const queueId of gone) books.clear(books.generations.get(queueId) as Known)
}
