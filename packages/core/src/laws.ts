import type { Account, GenerationRow, Limit } from './generation.js'
import { MOVES, STATUS_TABLE, type Status } from './rules.js'
import { parseTimeline } from './timeline.js'

/** Everything at one moment, as the laws see it. */
export interface Snapshot {
  readonly rows: readonly GenerationRow[]
  readonly accounts: readonly Account[]
  readonly limits: readonly Limit[]
}

/** A law that does not hold, by its number in docs/concepts.md. */
export interface Breach {
  readonly law: 1 | 3 | 4 | 6 | 7 | 8 | 9
  readonly subject: string
  readonly evidence: string
}

/** The laws that can be read off one snapshot; findStepBreaches has those that take two. */
export function findBreaches({ rows, accounts, limits }: Snapshot): Breach[] {
  return [
    ...rows.flatMap(checkRow),
    ...accounts.flatMap((a) => checkAccount(a, rows)),
    ...limits.flatMap((l) => checkLimit(l, rows)),
    ...checkKeys(rows),
  ]
}

/**
 * What no command may do: take a slot beyond the cap, change what is settled other than by queueing it anew, or
 * lose a generation, except those of `removed` statuses (what a purge was told to remove).
 */
export function findStepBreaches(
  before: Snapshot,
  after: Snapshot,
  removed: readonly Status[] = [],
): Breach[] {
  const slots = new Map(before.limits.map(({ modelId, active }) => [modelId, active]))
  const rows = new Map(after.rows.map((row) => [row.queueId, row]))
  const overfull = after.limits.filter(
    ({ modelId, active, maxConcurrent }) => active > maxConcurrent && active > (slots.get(modelId) ?? 0),
  )
  return [
    ...overfull.map(({ modelId, active, maxConcurrent }) => ({
      law: 1 as const,
      subject: `model ${modelId}`,
      evidence: `slot ${active} of ${maxConcurrent} was taken`,
    })),
    ...before.rows.flatMap((row) => checkRowStep(row, rows.get(row.queueId), removed)),
  ]
}

function checkRowStep(
  before: GenerationRow,
  after: GenerationRow | undefined,
  removed: readonly Status[],
): Breach[] {
  const subject = `generation ${before.queueId}`
  if (after === undefined) {
    return removed.includes(before.status)
      ? []
      : [{ law: 7, subject, evidence: `${before.status}, then gone` }]
  }
  if (STATUS_TABLE[before.status].place !== 'done' || wasQueuedAnew(before, after)) return []
  if (after.status !== before.status)
    return [{ law: 6, subject, evidence: `${before.status}, then ${after.status}` }]
  return after.ticketsUsed === before.ticketsUsed
    ? []
    : [{ law: 4, subject, evidence: `settled with ${before.ticketsUsed}, then with ${after.ticketsUsed}` }]
}

/** A batch may queue a row anew and settle it again, so the timeline is asked; a shortened one cannot tell. */
function wasQueuedAnew(before: GenerationRow, after: GenerationRow): boolean {
  if (!after.timeline.startsWith(before.timeline)) return true
  const events = parseTimeline(after.timeline.slice(before.timeline.length))
  return events.some(({ event }) => MOVES[event].some(({ fromPlace }) => fromPlace === 'done'))
}

function checkRow(row: GenerationRow): Breach[] {
  const { place } = STATUS_TABLE[row.status]
  const subject = `generation ${row.queueId}`
  const breaches: Breach[] = []
  const breach = (law: Breach['law'], evidence: string) => breaches.push({ law, subject, evidence })
  if ((row.ticketsUsed !== null) !== (place === 'done'))
    breach(4, `${row.status} with ticketsUsed ${row.ticketsUsed}`)
  if (row.ticketsUsed !== null && (row.ticketsUsed < 0 || row.ticketsUsed > row.ticketCost)) {
    breach(4, `used ${row.ticketsUsed} of ${row.ticketCost}`)
  }
  if ((row.leaseToken !== null) !== (place === 'leased'))
    breach(9, `${row.status} with a lease: ${row.leaseToken !== null}`)
  if ((row.completedAt !== null) !== (place === 'done'))
    breach(9, `${row.status}, settled at ${row.completedAt}`)
  if (row.attempt < 0 || row.attempt > row.maxAttempts)
    breach(9, `attempt ${row.attempt} of ${row.maxAttempts}`)
  return breaches
}

function checkAccount(account: Account, rows: readonly GenerationRow[]): Breach[] {
  const { userId, balance, reserved, granted, captured } = account
  const own = rows.filter((row) => row.userId === userId && STATUS_TABLE[row.status].tickets === 'reserved')
  const live = own.reduce((sum, row) => sum + row.ticketCost, 0)
  const sound = reserved >= 0 && reserved <= balance && reserved === live && balance === granted - captured
  const evidence = `balance ${balance}, reserved ${reserved}, live ${live}, granted ${granted}, captured ${captured}`
  return sound ? [] : [{ law: 3, subject: `user ${userId}`, evidence }]
}

function checkLimit({ modelId, active }: Limit, rows: readonly GenerationRow[]): Breach[] {
  const leased = rows.filter(
    (row) => row.modelId === modelId && STATUS_TABLE[row.status].place === 'leased',
  ).length
  return active === leased
    ? []
    : [{ law: 9, subject: `model ${modelId}`, evidence: `active ${active}, processing ${leased}` }]
}

function checkKeys(rows: readonly GenerationRow[]): Breach[] {
  const seen = new Set<string>()
  return rows.flatMap(({ userId, idempotencyKey, queueId }) => {
    const key = JSON.stringify([userId, idempotencyKey])
    const twice = seen.has(key)
    seen.add(key)
    return twice
      ? [{ law: 8 as const, subject: `generation ${queueId}`, evidence: 'its key stands twice' }]
      : []
  })
}
