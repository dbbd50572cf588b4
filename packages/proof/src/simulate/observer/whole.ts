import type { Evidence, StoredBooks, StoredLine } from '../../chaos/evidence/evidence.js'
import type { Books, Known } from './books.js'
import { demand } from './violation.js'

/** How the raw evidence of Redis calls what it finds only in the set of taken slots. */
const IN_A_SLOT = 'holding a slot'

/** Everything that a storage holds against everything that it answered: no row, slot, ticket or ledger line more or less. */
export async function lookAtAll(books: Books, evidence: Evidence): Promise<void> {
  checkSlots(books, await evidence.takenSlots())
  const stored = await evidence.books()
  checkRows(books, stored)
  checkCounters(books, stored)
  checkAccounts(books, stored)
  checkLedger(books, stored.ledger)
}

function checkSlots(books: Books, slots: Awaited<ReturnType<Evidence['takenSlots']>>): void {
  const held = new Map(slots.map((slot) => [slot.queueId, slot]))
  demand(held.size === slots.length, 9, {}, () => 'a generation holds two slots')
  for (const { modelId, leased } of books.models.values()) {
    for (const { queueId, leaseUntil } of leased) {
      const slot = held.get(queueId)
      const right = slot?.modelId === modelId && slot.leaseUntil === leaseUntil
      demand(
        right,
        9,
        { queueId, modelId },
        () => `holds no slot until ${leaseUntil}, but ${slot?.leaseUntil}`,
      )
      held.delete(queueId)
    }
  }
  for (const { queueId, modelId } of held.values()) {
    demand(false, 9, { queueId, modelId }, () => 'holds a slot that nobody was given')
  }
}

function checkRows(books: Books, { generations }: StoredBooks): void {
  const rows = new Map(generations.map((row) => [row.queueId, row]))
  demand(rows.size === generations.length, 8, {}, () => 'a generation stands twice')
  for (const known of books.generations.values()) {
    const row = rows.get(known.queueId)
    demand(row !== undefined, 7, known, () => `${known.status}, then gone`)
    const status = row.status === IN_A_SLOT ? 'processing' : row.status
    demand(status === known.status, 9, known, () => `stands as ${row.status}, is ${known.status}`)
    const own = row.userId === known.userId && row.key === known.key
    demand(own, 8, known, () => `stands under key ${row.key} of ${row.userId}`)
    rows.delete(known.queueId)
  }
  for (const { queueId, status } of rows.values()) {
    demand(false, 6, { queueId }, () => `${status}, but nobody was told of it`)
  }
}

function checkCounters(books: Books, { active }: StoredBooks): void {
  for (const { modelId, leased } of books.models.values()) {
    const counted = active[modelId]
    demand(
      counted === leased.size,
      9,
      { modelId },
      () => `${counted} slots count as taken, ${leased.size} are`,
    )
  }
}

function checkAccounts(books: Books, { accounts }: StoredBooks): void {
  const left = new Map(accounts.map((account) => [account.userId, account]))
  for (const [userId, { balance, reserved }] of books.users) {
    const account = left.get(userId) ?? { balance: 0, reserved: 0 }
    const same = account.balance === balance && account.reserved === reserved
    demand(
      same,
      3,
      { userId },
      () => `${account.balance}, ${account.reserved} stored, ${balance}, ${reserved} due`,
    )
    left.delete(userId)
  }
  for (const { userId, balance } of left.values()) {
    demand(balance === 0, 3, { userId }, () => `an account of ${balance} that nobody opened`)
  }
}

/** Each reservation stands once, and was settled once: captured, refunded, or part of each. */
function checkLedger(books: Books, ledger: readonly StoredLine[]): void {
  const stored = new Map<number, string[]>()
  const posts = new Map<string, string[]>()
  for (const { queueId, kind, amount, userId, key } of ledger) {
    if (queueId !== null) push(stored, queueId, `${kind} ${amount}`)
    else push(posts, userId, `${kind} ${amount} ${key}`)
  }
  const all: Known[] = [...books.generations.values(), ...books.cleared.values()]
  for (const known of all) {
    const { queueId, userId } = known
    const [lines, due] = [sorted(stored.get(queueId)), sorted(known.lines)]
    demand(lines === due, 4, { queueId, userId }, () => `the ledger says "${lines}", must say "${due}"`)
    stored.delete(queueId)
  }
  for (const [queueId, lines] of stored) {
    demand(false, 4, { queueId }, () => `the ledger says "${sorted(lines)}" of nothing known`)
  }
  for (const [userId, user] of books.users) {
    const due = [...user.posts].map(
      ([key, amount]) => `${amount < 0 ? 'revoke' : 'grant'} ${Math.abs(amount)} ${key}`,
    )
    const [is, must] = [sorted(posts.get(userId)), sorted(due)]
    demand(is === must, 3, { userId }, () => `the ledger says "${is}", must say "${must}"`)
  }
}

function push<Key>(lists: Map<Key, string[]>, key: Key, line: string): void {
  const list = lists.get(key)
  if (list === undefined) lists.set(key, [line])
  else list.push(line)
}

const sorted = (lines: readonly string[] | undefined): string => [...(lines ?? [])].sort().join(', ')
