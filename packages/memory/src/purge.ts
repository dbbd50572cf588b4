import { HOUR_MS, type PurgeCommand } from '@genqueue/core'
import type { MemoryBooks } from './books.js'

/** Removes at most `max` entries that are old enough; answers how many. */
export function purge(books: MemoryBooks, command: PurgeCommand): number {
  if (command.what === 'generations') return purgeGenerations(books, command)
  let removed = 0
  if (command.what === 'rollups') {
    for (const model of books.models.values()) {
      removed += model.rollups.purge(command.before, HOUR_MS, command.max - removed)
    }
    return removed
  }
  for (const user of books.users.values()) {
    if (removed === command.max) return removed
    let old = 0
    while (old < command.max - removed && (user.ledger[old]?.at ?? Infinity) <= command.before) old += 1
    for (const { key } of user.ledger.splice(0, old)) if (key !== null) user.posts.delete(key)
    removed += old
  }
  return removed
}

function purgeGenerations(
  books: MemoryBooks,
  { statuses, before, max }: PurgeCommand & { what: 'generations' },
): number {
  const old = []
  for (const row of books.settled.ascending()) {
    if (old.length === max || (row.completedAt as number) > before) break
    if (statuses.includes(row.status)) old.push(row)
  }
  for (const row of old) books.remove(row)
  return old.length
}
