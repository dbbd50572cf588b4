import { type GenerationRow, HOUR_MS, type PurgeCommand } from '@genqueue/core'
import type { MemoryBooks } from './books.js'

/** Removes at most `max` entries that are old enough, oldest first; answers how many. */
export function purge(books: MemoryBooks, command: PurgeCommand): number {
  switch (command.what) {
    case 'generations':
      return purgeGenerations(books, command)
    case 'ledger':
      return purgeLedgers(books, command.before, command.max)
    case 'rollups': {
      let removed = 0
      for (const { rollups } of books.models.values()) {
        removed += rollups.purge(command.before, HOUR_MS, command.max - removed)
      }
      return removed
    }
  }
}

function purgeGenerations(
  books: MemoryBooks,
  { statuses, before, max }: PurgeCommand & { what: 'generations' },
): number {
  const sets = [...new Set(statuses)].map((status) => books.settled[status])
  for (let removed = 0; removed < max; removed++) {
    let oldest: GenerationRow | undefined
    for (const set of sets) {
      const first = set.first()
      if (first === undefined || (first.completedAt as number) > before) continue
      if (oldest === undefined || (first.completedAt as number) < (oldest.completedAt as number))
        oldest = first
    }
    if (oldest === undefined) return removed
    books.remove(oldest)
  }
  return max
}

function purgeLedgers(books: MemoryBooks, before: number, max: number): number {
  let removed = 0
  while (removed < max) {
    const forgotten = books.purgeOldestLedger(before, max - removed)
    if (forgotten === 0) return removed
    removed += forgotten
  }
  return removed
}
