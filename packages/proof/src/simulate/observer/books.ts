import type { Status } from '@genqueue/core'
import { demand } from './violation.js'

/** A generation as the observer knows it, from what the storage answered. */
export interface Known {
  readonly queueId: number
  readonly userId: string
  readonly modelId: string
  readonly key: string
  readonly fingerprint: string
  readonly cost: number
  readonly priority: number
  readonly maxAttempts: number
  readonly maxWaitMs: number | null
  status: Status
  attempt: number
  queuedAt: number
  notBefore: number | null
  deadlineAt: number | null
  settledAt: number | null
  token: string | null
  leaseUntil: number | null
  /** Token of whoever gave it back or settled it last; '' for one without; null since it was queued or started. */
  leftBy: string | null
  used: number | null
  /** How often it settled, and how often an app was told so. */
  settles: number
  announced: number
  /** What the ledger must say of it, in order. */
  readonly lines: string[]
}

export interface Model {
  readonly modelId: string
  cap: number
  paused: boolean
  readonly leased: Set<Known>
  readonly waiting: Set<Known>
}

export interface User {
  balance: number
  reserved: number
  granted: number
  captured: number
  /** Amount by key of a grant (above 0) or revocation. */
  readonly posts: Map<string, number>
}

const leaseOf = (queueId: number, token: string) => `${queueId}\0${token}`
const keyOf = (userId: string, key: string) => `${userId}\0${key}`

/**
 * The observer's own books. They are kept by the laws alone, from what calls answered; of genqueue only types are used
 * here, so that it cannot agree with itself by mistake.
 */
export class Books {
  readonly generations = new Map<number, Known>()
  readonly models = new Map<string, Model>()
  readonly users = new Map<string, User>()
  /** Cleared generations, with what the ledger still says of them. */
  readonly cleared = new Map<number, Known>()
  readonly #granted = new Set<string>()
  /** The latest time that any command carried, and whether a later command carried an earlier one. */
  latestAt = 0
  wentBack = false
  /** A claim that is sent again is told what it took before: by every storage that others may use as well. */
  recalls = false
  /** How many generations the purge under way says that it removed. */
  maybeCleared = 0
  readonly #keys = new Map<string, Known>()

  pass(at: number): void {
    this.wentBack ||= at < this.latestAt
    this.latestAt = Math.max(this.latestAt, at)
  }

  user(userId: string): User {
    let user = this.users.get(userId)
    if (user === undefined) {
      user = { balance: 0, reserved: 0, granted: 0, captured: 0, posts: new Map() }
      this.users.set(userId, user)
    }
    return user
  }

  available(userId: string): number {
    const user = this.users.get(userId)
    return user === undefined ? 0 : user.balance - user.reserved
  }

  model(modelId: string): Model {
    const model = this.models.get(modelId)
    demand(model !== undefined, 'contract', { modelId }, () => `model ${modelId} has no limit`)
    return model
  }

  ofKey(userId: string, key: string): Known | undefined {
    return this.#keys.get(keyOf(userId, key))
  }

  /** Generations that wait or run. */
  get live(): number {
    let live = 0
    for (const { leased, waiting } of this.models.values()) live += leased.size + waiting.size
    return live
  }

  add(known: Known): void {
    this.generations.set(known.queueId, known)
    this.#keys.set(keyOf(known.userId, known.key), known)
    this.model(known.modelId).waiting.add(known)
    this.reserve(known)
  }

  clear(known: Known): void {
    this.generations.delete(known.queueId)
    this.#keys.delete(keyOf(known.userId, known.key))
    this.cleared.set(known.queueId, known)
  }

  reserve(known: Known): void {
    const { cost, userId, queueId } = known
    const available = this.available(userId)
    demand(cost <= available, 3, { queueId, userId }, () => `${cost} reserved of ${available} available`)
    if (cost === 0) return
    this.user(userId).reserved += cost
    known.lines.push(`reserve ${cost}`)
  }

  settle(known: Known, used: number): void {
    const { cost, userId, queueId } = known
    demand(used <= cost, 4, { queueId, userId }, () => `${used} tickets used of ${cost} reserved`)
    known.settles += 1
    if (cost === 0) return
    const user = this.user(userId)
    user.reserved -= cost
    user.balance -= used
    user.captured += used
    if (used > 0) known.lines.push(`capture ${used}`)
    if (used < cost) known.lines.push(`refund ${cost - used}`)
  }

  /** An app hears that it settled. */
  announce(queueId: number): void {
    const known = this.generations.get(queueId) ?? this.cleared.get(queueId)
    demand(known !== undefined, 4, { queueId }, () => 'the end of an unknown generation was announced')
    known.announced += 1
    const { announced, settles } = known
    demand(announced <= settles, 4, known, () => `announced ${announced} times, settled ${settles} times`)
  }

  /** A slot and a lease; whether it was its turn is judged before. */
  grant(known: Known, token: string, leaseMs: number, at: number): void {
    const { queueId, modelId } = known
    const { leased, waiting, cap, paused } = this.model(modelId)
    const subject = { queueId, modelId }
    demand(leased.size < cap, 1, subject, () => `slot ${leased.size + 1} of ${cap} of ${modelId} was taken`)
    demand(!paused, 2, subject, () => `started although ${modelId} is paused`)
    demand(
      known.attempt < known.maxAttempts,
      'contract',
      subject,
      () => `attempt ${known.attempt + 1} was started`,
    )
    waiting.delete(known)
    leased.add(known)
    known.status = 'processing'
    known.attempt += 1
    known.notBefore = null
    known.deadlineAt = null
    known.token = token
    known.leaseUntil = at + leaseMs
    known.leftBy = null
    this.#granted.add(leaseOf(queueId, token))
  }

  /** Whether this lease was ever given; a claim that is repeated after its reply was lost may use a token twice. */
  wasGranted(queueId: number, token: string): boolean {
    return this.#granted.has(leaseOf(queueId, token))
  }

  /** Out of its slot or out of the queue, into another place. */
  move(known: Known, to: Status): void {
    const model = this.model(known.modelId)
    model.leased.delete(known)
    model.waiting.delete(known)
    if (to === 'queued') model.waiting.add(known)
    known.status = to
    known.token = null
    known.leaseUntil = null
  }
}
