import type { StoredBooks } from '../evidence/evidence.js'
import type { Entry } from '../log.js'

/** What a user must have paid for, by the workers' own notes. */
export interface Account {
  readonly spent: number
}

/** A balance is what was granted less what was billed, and nothing is reserved once all has ended. */
export function judgeAccounts(
  entries: readonly Entry[],
  books: StoredBooks,
  accounts: ReadonlyMap<string, Account>,
): string[] {
  const { granted, findings } = judgeGrants(entries, books)
  const users = new Set([...granted.keys(), ...books.accounts.map(({ userId }) => userId)])
  for (const userId of users) {
    const stored = books.accounts.find((account) => account.userId === userId)
    const due = (granted.get(userId) ?? 0) - (accounts.get(userId)?.spent ?? 0)
    if (stored?.balance !== due) {
      findings.push(`${userId} has ${stored?.balance ?? 'no'} tickets, must have ${due}`)
    }
    if (stored !== undefined && stored.reserved !== 0) {
      findings.push(`${userId} has ${stored.reserved} tickets reserved, and nothing is under way`)
    }
  }
  return findings
}

/** A grant that was answered stands exactly once; one whose answer was lost at most once. */
function judgeGrants(entries: readonly Entry[], books: StoredBooks) {
  const findings: string[] = []
  const granted = new Map<string, number>()
  const lines = books.ledger.filter(({ kind }) => kind === 'grant')
  const asked = new Map(
    entries.flatMap((entry) => (entry.what === 'grant' ? [[entry.id, entry] as const] : [])),
  )
  const answered = new Set(entries.flatMap((entry) => (entry.what === 'granted' ? [entry.id] : [])))
  const times = new Map<string, number>()
  for (const { userId, key, amount } of lines) {
    const grant = asked.get(key ?? '')
    if (grant === undefined || grant.userId !== userId || grant.amount !== amount) {
      findings.push(`nobody granted ${userId} ${amount} tickets as ${key}`)
    }
    times.set(key ?? '', (times.get(key ?? '') ?? 0) + 1)
    granted.set(userId, (granted.get(userId) ?? 0) + amount)
  }
  for (const id of asked.keys()) {
    const found = times.get(id) ?? 0
    if (found > 1) findings.push(`grant ${id} stands ${found} times`)
    if (found === 0 && answered.has(id)) findings.push(`grant ${id} was told to be done and is not there`)
  }
  return { granted, findings }
}
