import type {
  Account,
  AuditPage,
  DueItem,
  DueQuery,
  GenerationRow,
  ListPage,
  ListQuery,
  ModelStats,
} from '@genqueue/core'
import type { Books, Known } from './books.js'
import { compareLimit } from './judge-rest.js'
import { aheadOf, mayStart, mightStart } from './order.js'
import { compareRow } from './rows.js'
import { demand } from './violation.js'

export function judgeGet(
  books: Books,
  queueIds: readonly number[],
  rows: readonly (GenerationRow | null)[],
): void {
  for (const [i, queueId] of queueIds.entries()) {
    const known = books.generations.get(queueId)
    if (known !== undefined) compareRow(known, rows[i])
    else demand(rows[i] === null, 6, { queueId }, () => `${queueId} was read, but there is none`)
  }
}

/** A page may be short; what it shows must be there, and what its first stretch should show must be shown. */
export function judgeList(books: Books, query: ListQuery, { rows }: ListPage): void {
  for (const row of rows) {
    const known = books.generations.get(row.queueId)
    demand(known !== undefined, 6, row, () => `${row.queueId} is listed, but there is none`)
    compareRow(known, row)
    demand(fits(known, query), 'contract', row, () => `${row.queueId} does not fit the filter`)
  }
  const ids = rows.map(({ queueId }) => queueId)
  const [first, last] = [ids[0] ?? 0, ids[ids.length - 1] ?? 0]
  const between = [...books.generations.values()].filter(
    (known) => known.queueId <= first && known.queueId >= last && fits(known, query),
  )
  demand(between.length === ids.length, 7, {}, () => `${ids.length} listed of ${between.length}`)
}

const fits = (known: Known, { statuses, modelId, userId, cursor }: ListQuery): boolean =>
  (statuses === null || statuses.includes(known.status)) &&
  (modelId === null || modelId === known.modelId) &&
  (userId === null || userId === known.userId) &&
  (cursor === null || known.queueId < cursor)

export function judgePositions(
  books: Books,
  queueIds: readonly number[],
  positions: readonly (number | null)[],
  at: number,
): void {
  for (const [i, queueId] of queueIds.entries()) {
    const position = positions[i] ?? null
    const known = books.generations.get(queueId)
    if (known?.status !== 'queued') {
      demand(position === null, 'contract', { queueId }, () => `position ${position}, but it does not wait`)
      continue
    }
    const { surely, atMost } = aheadOf(books, known, at)
    const right = position !== null && position > surely && position <= atMost + 1
    demand(right, 'contract', known, () => `position ${position} with ${surely} ahead`)
  }
}

/** What nobody finds is never taken back: everything that is due must be told, and nothing else. */
export function judgeDue(books: Books, query: DueQuery, items: readonly DueItem[], at: number): void {
  const lease = query.what === 'lease'
  const time = ({ leaseUntil, deadlineAt, status }: Known) =>
    lease ? leaseUntil : status === 'queued' ? deadlineAt : null
  const due = [...books.generations.values()].filter((known) => (time(known) ?? at + 1) <= at)
  for (const { queueId, token, attempt } of items) {
    const known = due.find((other) => other.queueId === queueId)
    const what = `${queueId} is told to be past its ${query.what}, and is not`
    demand(known !== undefined, 'contract', { queueId }, () => what)
    demand(known.token === token && known.attempt === attempt, 5, known, () => `told under lease ${token}`)
  }
  const told = items.length === Math.min(due.length, query.max)
  demand(told, 7, due[0] ?? {}, () => `${items.length} told past their ${query.what}, ${due.length} are`)
}

export function judgeStats(books: Books, stats: readonly ModelStats[], at: number): void {
  for (const seen of stats) {
    const { modelId, waiting, delayed, counts } = seen
    compareLimit(books, seen, modelId)
    const model = books.model(modelId)
    const all = [...model.waiting]
    const surely = all.filter((known) => mayStart(known, at)).length
    const atMost = all.filter((known) => mightStart(books, known, at)).length
    const right = waiting >= surely && waiting <= atMost && waiting + delayed === all.length
    demand(right, 7, { modelId }, () => `${waiting} wait and ${delayed} are delayed of ${all.length}`)
    const processing = counts.processing === model.leased.size && counts.queued === all.length
    demand(
      processing,
      9,
      { modelId },
      () => `${counts.queued} queued, ${counts.processing} processing counted`,
    )
  }
}

export function judgeAccounts(
  books: Books,
  userIds: readonly string[],
  accounts: readonly (Account | null)[],
): void {
  for (const [i, userId] of userIds.entries()) compareAccount(books, userId, accounts[i] ?? null)
}

export function compareAccount(books: Books, userId: string, account: Account | null): void {
  const known = books.users.get(userId)
  const { balance = 0, reserved = 0, granted = 0, captured = 0 } = account ?? {}
  const subject = { userId }
  const sound = 0 <= reserved && reserved <= balance && balance === granted - captured
  demand(
    sound,
    3,
    subject,
    () => `balance ${balance}, reserved ${reserved}, granted ${granted}, captured ${captured}`,
  )
  const should = known ?? { balance: 0, reserved: 0, granted: 0, captured: 0 }
  const same = balance === should.balance && reserved === should.reserved && captured === should.captured
  demand(
    same,
    3,
    subject,
    () =>
      `balance ${balance}, reserved ${reserved}, captured ${captured}; by the answers ${should.balance}, ${should.reserved}, ${should.captured}`,
  )
}

/** What `verify` reads: both sides of it must be what the observer counts. */
export function judgeAudit(books: Books, { models, users }: AuditPage): void {
  for (const { modelId, active, leased, waiting, indexed } of models) {
    const model = books.model(modelId)
    const right = active === model.leased.size && leased === active
    demand(
      right,
      9,
      { modelId },
      () => `${active} taken, ${leased} processing, ${model.leased.size} by the answers`,
    )
    const all = model.waiting.size
    demand(
      waiting === all && indexed === all,
      7,
      { modelId },
      () => `${waiting} wait, ${indexed} indexed of ${all}`,
    )
  }
  for (const { account, live } of users) {
    compareAccount(books, account.userId, account)
    const { userId, reserved } = account
    demand(live === reserved, 3, { userId }, () => `${reserved} reserved, the live generations cost ${live}`)
  }
}
