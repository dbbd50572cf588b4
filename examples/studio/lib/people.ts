import type { Queue } from '@genqueue/core'

/** The people of this demo. There are no passwords: it runs on your own machine. */
export const PEOPLE = [
  {
    userId: 'mira',
    name: 'Mira',
    email: 'mira@studio.example',
    tickets: 40,
    note: '40 tickets to begin with',
  },
  { userId: 'jon', name: 'Jon', email: 'jon@studio.example', tickets: 3, note: 'only 3 tickets' },
  { userId: 'admin', name: 'Admin', email: 'admin@example.com', tickets: 100, note: 'manages the queue' },
] as const
export type Person = (typeof PEOPLE)[number]

export const ADMIN_EMAILS: readonly string[] = ['admin@example.com']

export const personOf = (userId: unknown): Person | null =>
  PEOPLE.find((person) => person.userId === userId) ?? null

/** Everybody's tickets, granted once however often the app starts. */
export async function openAccounts(queue: Queue): Promise<void> {
  for (const { userId, tickets } of PEOPLE) {
    await queue.tickets.grant(userId, tickets, { id: 'studio-welcome', memo: 'welcome' })
  }
}
