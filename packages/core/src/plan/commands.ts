import type { Account, GenerationRow, LedgerEntry, Limit } from '../generation.js'
import type {
  AdmitCommand,
  AdmitItem,
  AdmitResult,
  ApplyCommand,
  ApplyItem,
  ApplyResult,
  ClaimCommand,
  LimitCommand,
  PostCommand,
  PostItem,
  PostResult,
  RenewCommand,
  RenewResult,
  StartCommand,
  StartResult,
} from '../storage.js'
import { admitted, planAdmit } from './admit.js'
import { planApply } from './apply.js'
import type { Change } from './change.js'
import type { LedgerLine } from './effects.js'
import { freeSlots, planGrant, planStart } from './grant.js'
import { planLimit } from './limit.js'
import { compareWaiting } from './order.js'
import { planPost } from './post.js'
import { planRenew } from './renew.js'

/**
 * What the commands read and write, for storages that decide in this process: all of it is at hand when a command
 * runs, and a command runs in one go. Who may start at `at` counts with a delay that is over by then. The rows and limits that
 * books show are theirs, and may be edited by the next write: commands answer copies, or what a plan made.
 */
export interface Books {
  nextQueueId(): number
  row(queueId: number): GenerationRow | undefined
  /** What was admitted under the item's user and key; `again`: its command was sent before, and the answer lost. */
  rowOfKey(item: AdmitItem, again: boolean): GenerationRow | undefined
  account(userId: string): Account | undefined
  /** The grant or revocation under this user's key. */
  posted(userId: string, key: string): Pick<LedgerEntry, 'kind' | 'amount'> | undefined
  limit(modelId: string): Limit | undefined
  /** Every model that has a limit. */
  modelIds(): Iterable<string>
  /** Generations of the model that may start at `at` but for the cap. */
  waiting(modelId: string, at: number): number
  /** All generations of the model in a waiting place, the delayed ones included. */
  queued(modelId: string): number
  /** Those that may start at `at` and stand before this row. */
  ahead(row: GenerationRow, at: number): number
  /** The first that may start at `at`. */
  next(modelId: string, at: number): GenerationRow | undefined
  write(change: Change): void
  /** A row whose lease or progress changed without a move. */
  writeRenewed(before: GenerationRow, after: GenerationRow): void
  writePost(account: Account, line: LedgerLine): void
  writeLimit(limit: Limit): void
}

export const runAdmit = (books: Books, command: AdmitCommand, at: number): AdmitResult[] =>
  command.items.map((item) => admitOne(books, item, command, at))

function admitOne(books: Books, item: AdmitItem, command: AdmitCommand, at: number): AdmitResult {
  const { modelId, userId } = item
  const plan = planAdmit(
    item,
    command,
    {
      existing: books.rowOfKey(item, command.again === true),
      limit: books.limit(modelId),
      account: books.account(userId),
      waiting: books.waiting(modelId, at),
      queued: books.queued(modelId),
      nextQueueId: () => books.nextQueueId(),
    },
    at,
  )
  if (plan.kind === 'refused') return plan.refusal
  if (plan.kind === 'duplicate') return admitted(plan.row, item, positionIn(books, plan.row, at), true)
  books.write(plan.change)
  return admitted(plan.change.row, item, positionIn(books, plan.change.row, at), false)
}

/** 1 = next; null for what does not wait. */
export function positionIn(books: Books, row: GenerationRow | undefined, at: number): number | null {
  if (row === undefined || row.leaseToken !== null || row.completedAt !== null) return null
  return books.ahead(row, at) + 1
}

/** The best of the models that have a free slot, again and again. */
export function runClaim(books: Books, command: ClaimCommand, at: number): GenerationRow[] {
  const heads: GenerationRow[] = []
  for (const modelId of new Set(command.modelIds ?? books.modelIds())) {
    const head = headOf(books, modelId, at)
    if (head !== undefined) heads.push(head)
  }
  const claimed: GenerationRow[] = []
  for (const token of command.tokens) {
    const best = indexOfFirst(heads)
    if (best === -1) break
    const row = heads[best] as GenerationRow
    const change = planGrant(row, token, command.claim, command.leaseMs, at)
    books.write(change)
    claimed.push(change.row)
    // Only this model's head has changed.
    const next = headOf(books, row.modelId, at)
    if (next === undefined) heads.splice(best, 1)
    else heads[best] = next
  }
  return claimed
}

/** What starts next of a model that has a free slot. */
function headOf(books: Books, modelId: string, at: number): GenerationRow | undefined {
  const limit = books.limit(modelId)
  return limit === undefined || freeSlots(limit) === 0 ? undefined : books.next(modelId, at)
}

function indexOfFirst(heads: readonly GenerationRow[]): number {
  let best = heads.length - 1
  for (let i = best - 1; i >= 0; i--) {
    if (compareWaiting(heads[i] as GenerationRow, heads[best] as GenerationRow) < 0) best = i
  }
  return best
}

export const runStart = (books: Books, command: StartCommand, at: number): StartResult[] =>
  command.items.map(({ queueId, token }) => {
    const row = books.row(queueId)
    const limit = row && books.limit(row.modelId)
    const refusal = planStart(row, limit, row === undefined ? 0 : books.ahead(row, at), command.claim, at)
    if (refusal !== null) return refusal
    const change = planGrant(row as GenerationRow, token, command.claim, command.leaseMs, at)
    books.write(change)
    return { ok: true, row: change.row }
  })

export const runApply = (books: Books, command: ApplyCommand, at: number): ApplyResult[] =>
  command.items.map((item) => applyOne(books, item, command, at))

function applyOne(books: Books, item: ApplyItem, command: ApplyCommand, at: number): ApplyResult {
  const row = books.row(item.queueId)
  const account = row && books.account(row.userId)
  const queued = row === undefined ? 0 : books.queued(row.modelId)
  const plan = planApply(item, command, { row, account, queued }, at)
  if (plan.kind === 'refused') return plan.refusal
  if (plan.kind === 'changed') books.write(plan.change)
  const repeated = plan.kind === 'repeated'
  const after = () => (repeated ? { ...plan.row } : plan.change.row)
  return { ok: true, repeated, event: plan.event, at, row: command.rows ? after() : null }
}

export const runRenew = (books: Books, { items, leaseMs }: RenewCommand, at: number): RenewResult[] =>
  items.map((item) => {
    const before = books.row(item.queueId)
    const after = planRenew(item, before, leaseMs, at)
    if ('ok' in after) return after
    books.writeRenewed(before as GenerationRow, after)
    return { ok: true, leaseExpiresAt: after.leaseExpiresAt as number }
  })

export const runPost = (books: Books, { items }: PostCommand, at: number): PostResult[] =>
  items.map((item) => postOne(books, item, at))

function postOne(books: Books, item: PostItem, at: number): PostResult {
  const plan = planPost(item, books.account(item.userId), books.posted(item.userId, item.key), at)
  if (plan.kind === 'refused') return plan.refusal
  if (plan.kind === 'posted') books.writePost(plan.account, plan.line)
  return { ok: true, repeated: plan.kind === 'repeated', account: plan.account }
}

export const runLimit = (books: Books, { items }: LimitCommand, at: number): Limit[] =>
  items.map((item) => {
    const before = books.limit(item.modelId)
    const after = planLimit(item, before, at)
    if (after !== before) books.writeLimit(after)
    return { ...after }
  })
