import type { Account, GenerationRow, Limit } from './generation.js'
import { STATUS_TABLE } from './rules.js'

/** Everything at one moment, as the laws see it. */
export interface Snapshot {
  readonly rows: readonly GenerationRow[]
  readonly accounts: readonly Account[]
  readonly limits: readonly Limit[]
}

/** A law that does not hold, by its number in docs/concepts.md. */
export interface Breach {
  readonly law: 3 | 4 | 8 | 9
  readonly subject: string
  readonly evidence: string
}

/** The laws that can be read off one snapshot. What takes two moments is checked by the move that joins them. */
export function findBreaches({ rows, accounts, limits }: Snapshot): Breach[] {
  return [
    ...rows.flatMap(checkRow),
    ...accounts.flatMap((a) => checkAccount(a, rows)),
    ...limits.flatMap((l) => checkLimit(l, rows)),
    ...checkKeys(rows),
  ]
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
