import type { ApplyCommand, ClaimCommand, Storage } from '@genqueue/core'
import { Books } from './books.js'
import { judgeAdmit } from './judge-admit.js'
import { judgeApply } from './judge-apply.js'
import { judgeClaim, judgeStart } from './judge-claim.js'
import {
  compareAccount,
  judgeAccounts,
  judgeAudit,
  judgeDue,
  judgeGet,
  judgeList,
  judgePositions,
  judgeStats,
} from './judge-reads.js'
import { compareLimit, judgeCleared, judgeLimit, judgePost, judgePurge, judgeRenew } from './judge-rest.js'
import { compareRow } from './rows.js'

export type Method = Exclude<keyof Storage, 'name' | 'supports' | 'listen' | 'within'>

/** The two commands that go out as one. */
export interface Together {
  readonly apply: ApplyCommand
  readonly claim: ClaimCommand
}
type CommandOf<Name extends Method> = Name extends 'applyAndClaim'
  ? Together
  : Parameters<NonNullable<Storage[Name]>>[0]
export type AnswerOf<Name extends Method> = Awaited<ReturnType<NonNullable<Storage[Name]>>>

/** Whom a command changed, so that their rows, accounts and limits are looked at. */
interface Touched {
  readonly queueIds: readonly number[]
  readonly userIds: readonly string[]
}

type Judge<Name extends Method, Verdict> = (
  books: Books,
  command: CommandOf<Name>,
  answer: AnswerOf<Name>,
  at: number,
) => Verdict

/** Commands that change something; their judges answer whose rows that may be. */
const CHANGES: { readonly [Name in Method]?: Judge<Name, readonly number[]> } = {
  admit: judgeAdmit,
  claim: judgeClaim,
  start: judgeStart,
  apply: judgeApply,
  applyAndClaim: (books, { apply, claim }, { applied, claimed }, at) => [
    ...judgeApply(books, apply, applied, at),
    ...judgeClaim(books, claim, claimed, at),
  ],
  renew: judgeRenew,
  post: judgePost,
  limit: judgeLimit,
  purge: judgePurge,
}

const READS: { readonly [Name in Method]?: Judge<Name, void> } = {
  get: judgeGet,
  list: judgeList,
  positions: (books, { queueIds }, answer, at) => judgePositions(books, queueIds, answer, at),
  due: judgeDue,
  stats: (books, _, answer, at) => judgeStats(books, answer, at),
  accounts: judgeAccounts,
  limits: (books, _, limits) => {
    for (const limit of limits) compareLimit(books, limit, limit.modelId)
  },
  audit: (books, _, page) => judgeAudit(books, page),
}

export const isTogether = (command: unknown): command is Together =>
  typeof command === 'object' &&
  command !== null &&
  Object.hasOwn(command, 'claim') &&
  Object.hasOwn(command, 'apply')

/** The time that a command carries. Lists of ids carry none, and have a method of that name. */
export function timeOf(command: unknown): number | undefined {
  if (isTogether(command)) return command.apply.at
  const carries = typeof command === 'object' && command !== null && Object.hasOwn(command, 'at')
  return carries ? (command as { at: number }).at : undefined
}

/** Judges every answer of a storage as it comes, and looks at what the storage then holds. Throws Violation. */
export class Observer {
  readonly books = new Books()
  /** What was seen, and how often: a run that meets nothing proves nothing. */
  readonly seen = new Map<string, number>()

  count(what: string, by = 1): void {
    this.seen.set(what, (this.seen.get(what) ?? 0) + by)
  }

  judge<Name extends Method>(
    method: Name,
    command: CommandOf<Name>,
    answer: AnswerOf<Name>,
    now: number,
  ): Touched {
    const at = timeOf(command) ?? now
    this.books.pass(at)
    const reads = READS[method] as Judge<Name, void> | undefined
    reads?.(this.books, command, answer, at)
    const changes = CHANGES[method] as Judge<Name, readonly number[]> | undefined
    const queueIds = changes?.(this.books, command, answer, at) ?? []
    this.#tally(method, answer)
    const users = method === 'post' ? (command as { items: readonly { userId: string }[] }).items : []
    const owners = queueIds.map((queueId) => this.books.generations.get(queueId)?.userId)
    const userIds = [...users.map(({ userId }) => userId), ...owners]
    return { queueIds, userIds: [...new Set(userIds)].filter((id) => id !== undefined) }
  }

  /** What the command touched, read anew past all faults. */
  async look(storage: Storage, method: Method, { queueIds, userIds }: Touched): Promise<void> {
    if (CHANGES[method] === undefined) return
    if (queueIds.length > 0) {
      const rows = await storage.get(queueIds)
      if (method === 'purge') judgeCleared(this.books, queueIds, rows)
      for (const [i, queueId] of queueIds.entries()) {
        const known = this.books.generations.get(queueId)
        if (known !== undefined) compareRow(known, rows[i])
      }
    }
    if (userIds.length > 0) {
      const accounts = await storage.accounts(userIds)
      for (const [i, userId] of userIds.entries()) compareAccount(this.books, userId, accounts[i] ?? null)
    }
    if (method === 'renew' || method === 'post') return
    for (const limit of await storage.limits()) compareLimit(this.books, limit, limit.modelId)
  }

  #tally(method: Method, answer: unknown): void {
    if (method === 'applyAndClaim') {
      const { applied, claimed } = answer as AnswerOf<'applyAndClaim'>
      this.count('settles with a claim')
      this.#tally('apply', applied)
      this.#tally('claim', claimed)
    } else if (method === 'claim') this.count('claim', (answer as unknown[]).length)
    else if (['admit', 'start', 'apply', 'renew', 'post'].includes(method)) {
      for (const result of answer as Told[]) this.count(nameOf(method, result))
    }
  }
}

/** What answers to batches have in common. */
interface Told {
  readonly ok: boolean
  readonly code?: string
  readonly event?: string
  readonly repeated?: boolean
  readonly duplicate?: boolean
  readonly status?: string
}

function nameOf(method: Method, { ok, code, event, repeated, duplicate, status }: Told): string {
  if (!ok) return `${method} refused: ${code}`
  if (repeated || duplicate) return `${event ?? method} again`
  return event ?? (method === 'admit' ? `admit ${status}` : method)
}
