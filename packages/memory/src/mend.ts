import type { MendCommand } from '@genqueue/core'
import type { MemoryBooks } from './books.js'
import { auditModel, liveTickets, modelsNamed } from './queries.js'

/** Recounts taken slots and reservations from the rows. The waiting sets are the rows: nothing to rebuild. */
export function mend(books: MemoryBooks, { modelIds, userIds }: MendCommand): void {
  for (const model of modelsNamed(books, modelIds)) {
    model.limit.active = auditModel(model).leased
  }
  for (const userId of userIds) {
    const user = books.users.get(userId)
    if (user?.account === undefined) continue
    const { balance, captured } = user.account
    user.account = { ...user.account, reserved: liveTickets(books, userId), granted: balance + captured }
  }
}
