import {
  type AdmitCommand,
  type AdmitItem,
  type AdmitResult,
  type ApplyCommand,
  type ApplyItem,
  type ApplyResult,
  admitted,
  type ClaimCommand,
  compareWaiting,
  type DueItem,
  type DueQuery,
  freeSlots,
  type GenerationRow,
  type Limit,
  type LimitCommand,
  type MendCommand,
  type PostCommand,
  type PostItem,
  type PostResult,
  planAdmit,
  planApply,
  planGrant,
  planLimit,
  planPost,
  planRenew,
  planStart,
  type RenewCommand,
  type RenewResult,
  type StartCommand,
  type StartResult,
  type Storage,
  StorageError,
  systemClock,
} from '@genqueue/core'
import { Books, ModelBook } from './books.js'
import { purge } from './purge.js'
import {
  auditModel,
  auditPage,
  ledgerPage,
  listRows,
  liveTickets,
  modelStats,
  modelsNamed,
} from './queries.js'

export interface MemoryStorageOptions {
  /** Default: the system's clock. */
  readonly clock?: { now(): number }
}

const BATCH_MAX = 1_000

/**
 * A storage in this process: fast, exact, gone with the process. Any number of queues may share it. Every command
 * is one synchronous run, so nothing can come between its decision and its writing.
 */
export function memoryStorage(options: MemoryStorageOptions = {}): Storage {
  const clock = options.clock ?? systemClock
  const books = new Books()
  const listeners = new Set<(modelIds: readonly string[]) => void>()
  let closed = false

  /** Every command passes here: one synchronous run on the books at one time. */
  const run = async <Result>(at: number | undefined, command: (at: number) => Result): Promise<Result> => {
    if (closed) throw new StorageError('the memory storage is closed', { transient: false })
    return command(at ?? clock.now())
  }
  const read = <Result>(query: () => Result): Promise<Result> => run(0, query)
  const wake = (modelIds: Iterable<string>) => {
    if (listeners.size === 0) return
    const ids = [...new Set(modelIds)]
    if (ids.length > 0) for (const listener of listeners) listener(ids)
  }

  return {
    name: 'memory',
    supports: {
      shared: false,
      durable: false,
      listen: true,
      transactions: false,
      batchMax: BATCH_MAX,
      batchesInFlight: 1,
    },
    open: () => run(0, () => {}),
    async close() {
      closed = true
      listeners.clear()
    },
    now: () => run(undefined, (at) => at),

    async admit(command) {
      const results = await run(command.at, (at) =>
        command.items.map((item) => admitOne(books, item, command, at)),
      )
      if (listeners.size > 0) {
        wake(command.items.flatMap((item, i) => (isQueued(results[i] as AdmitResult) ? [item.modelId] : [])))
      }
      return results
    },
    claim: (command) => run(command.at, (at) => claimRows(books, command, at)),
    start: (command) =>
      run(command.at, (at) => command.items.map((item) => startOne(books, item, command, at))),
    async apply(command) {
      const touched: string[] = []
      const results = await run(command.at, (at) =>
        command.items.map((item) => applyOne(books, item, command, at, touched)),
      )
      wake(touched)
      return results
    },
    renew: (command) =>
      run(command.at, (at) => command.items.map((item) => renewOne(books, item, command, at))),
    post: (command: PostCommand) =>
      run(command.at, (at) => command.items.map((item) => postOne(books, item, at))),
    limit: (command) => run(command.at, (at) => setLimits(books, command, at)),
    purge: (command) => read(() => purge(books, command)),
    mend: (command) => read(() => mend(books, command)),

    get: (queueIds) => read(() => queueIds.map((id) => books.rows.get(id) ?? null)),
    list: (query) => read(() => listRows(books, query)),
    positions: ({ queueIds, at: time }) => run(time, (at) => queueIds.map((id) => positionOf(books, id, at))),
    due: (query) => run(query.at, (at) => dueItems(books, query, at)),
    stats: (query) =>
      run(query.at, (at) => modelsNamed(books, query.modelIds).map((model) => modelStats(books, model, at))),
    rollups: ({ modelIds, fromHour }) =>
      read(() => modelsNamed(books, modelIds).flatMap((m) => [...m.rollups.from(m.limit.modelId, fromHour)])),
    accounts: (userIds) => read(() => userIds.map((id) => books.users.get(id)?.account ?? null)),
    ledger: (query) => read(() => ledgerPage(books, query)),
    limits: () =>
      read(() =>
        [...books.models.values()].map((m) => m.limit).sort((a, b) => (a.modelId < b.modelId ? -1 : 1)),
      ),
    audit: (query) => read(() => auditPage(books, query)),
    listen: (listener) =>
      run(0, () => {
        listeners.add(listener)
        return async () => void listeners.delete(listener)
      }),
  }
}

const isQueued = (result: AdmitResult) => result.ok && !result.duplicate && result.startedAt === null

function admitOne(books: Books, item: AdmitItem, command: AdmitCommand, at: number): AdmitResult {
  const model = books.models.get(item.modelId)
  model?.promote(at)
  const user = books.users.get(item.userId)
  const known = user?.keys.get(item.idempotencyKey)
  const plan = planAdmit(
    item,
    command,
    {
      existing: known === undefined ? undefined : books.rows.get(known),
      limit: model?.limit,
      account: user?.account,
      waiting: model?.waiting.size ?? 0,
      queued: model === undefined ? 0 : model.waiting.size + model.delayed.size,
      nextQueueId: () => books.nextQueueId(),
    },
    at,
  )
  if (plan.kind === 'refused') return plan.refusal
  if (plan.kind === 'duplicate')
    return admitted(plan.row, item, positionOf(books, plan.row.queueId, at), true)
  const { row } = plan.change
  books.write(plan.change)
  return admitted(row, item, positionOf(books, row.queueId, at), false)
}

/** The best of the models that have a free slot, again and again. */
function claimRows(books: Books, command: ClaimCommand, at: number): GenerationRow[] {
  const models = modelsNamed(books, command.modelIds)
  for (const model of models) model.promote(at)
  const claimed: GenerationRow[] = []
  for (const token of command.tokens) {
    const next = nextRow(models)
    if (next === undefined) break
    const change = planGrant(next, token, command.claim, command.leaseMs, at)
    books.write(change)
    claimed.push(change.row)
  }
  return claimed
}

function nextRow(models: readonly ModelBook[]): GenerationRow | undefined {
  let best: GenerationRow | undefined
  for (const model of models) {
    const head = freeSlots(model.limit) > 0 ? model.waiting.first() : undefined
    if (head !== undefined && (best === undefined || compareWaiting(head, best) < 0)) best = head
  }
  return best
}

function startOne(
  books: Books,
  item: StartCommand['items'][number],
  command: StartCommand,
  at: number,
): StartResult {
  const row = books.rows.get(item.queueId)
  const model = row === undefined ? undefined : books.models.get(row.modelId)
  model?.promote(at)
  const ahead = row === undefined || model === undefined ? 0 : model.waiting.rank(row)
  const refusal = planStart(row, model?.limit, ahead, command.claim, at)
  if (refusal !== null) return refusal
  const change = planGrant(row as GenerationRow, item.token, command.claim, command.leaseMs, at)
  books.write(change)
  return { ok: true, row: change.row }
}

function applyOne(
  books: Books,
  item: ApplyItem,
  command: ApplyCommand,
  at: number,
  touched: string[],
): ApplyResult {
  const row = books.rows.get(item.queueId)
  const model = row === undefined ? undefined : books.models.get(row.modelId)
  const plan = planApply(
    item,
    command,
    {
      row,
      account: row === undefined ? undefined : books.users.get(row.userId)?.account,
      queued: model === undefined ? 0 : model.waiting.size + model.delayed.size,
    },
    at,
  )
  if (plan.kind === 'refused') return plan.refusal
  if (plan.kind === 'changed') {
    books.write(plan.change)
    touched.push(plan.change.row.modelId)
  }
  const after = plan.kind === 'changed' ? plan.change.row : plan.row
  return {
    ok: true,
    repeated: plan.kind === 'repeated',
    event: plan.event,
    at,
    row: command.rows ? after : null,
  }
}

function renewOne(
  books: Books,
  item: RenewCommand['items'][number],
  { leaseMs }: RenewCommand,
  at: number,
): RenewResult {
  const before = books.rows.get(item.queueId)
  const renewed = planRenew(item, before, leaseMs, at)
  if ('ok' in renewed) return renewed
  books.replace(before as GenerationRow, renewed)
  return { ok: true, leaseExpiresAt: renewed.leaseExpiresAt as number }
}

function postOne(books: Books, item: PostItem, at: number): PostResult {
  const known = books.users.get(item.userId)
  const plan = planPost(item, known?.account, known?.posts.get(item.key), at)
  if (plan.kind === 'refused') return plan.refusal
  if (plan.kind === 'repeated') return { ok: true, repeated: true, account: plan.account }
  const user = books.user(item.userId)
  user.account = plan.account
  books.record(user, plan.line)
  return { ok: true, repeated: false, account: plan.account }
}

function setLimits(books: Books, { items }: LimitCommand, at: number): Limit[] {
  return items.map((item) => {
    const model = books.models.get(item.modelId)
    const limit = planLimit(item, model?.limit, at)
    if (model === undefined) books.models.set(item.modelId, new ModelBook(limit))
    else model.limit = limit
    return limit
  })
}

function mend(books: Books, { modelIds, userIds }: MendCommand): void {
  for (const model of modelsNamed(books, modelIds)) {
    model.limit = { ...model.limit, active: auditModel(model).leased }
  }
  for (const userId of userIds) {
    const user = books.users.get(userId)
    if (user?.account === undefined) continue
    const { balance, captured } = user.account
    user.account = { ...user.account, reserved: liveTickets(books, userId), granted: balance + captured }
  }
}

function positionOf(books: Books, queueId: number, at: number): number | null {
  const row = books.rows.get(queueId)
  if (row === undefined || row.leaseToken !== null || row.completedAt !== null) return null
  const model = books.models.get(row.modelId) as ModelBook
  model.promote(at)
  return model.waiting.rank(row) + 1
}

function dueItems(books: Books, { what, max }: DueQuery, at: number): DueItem[] {
  const items: DueItem[] = []
  const [set, field] =
    what === 'lease' ? [books.leases, 'leaseExpiresAt' as const] : [books.deadlines, 'deadlineAt' as const]
  for (const row of set.ascending()) {
    if (items.length === max || (row[field] as number) > at) break
    const { queueId, modelId, userId, leaseToken: token, attempt, maxAttempts } = row
    items.push({ queueId, modelId, userId, token, attempt, maxAttempts })
  }
  return items
}
