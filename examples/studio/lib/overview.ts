import { ADMIN_EMAILS, PEOPLE, type Person } from './people'
import { queue } from './queue-worker'

/** All that the page shows beside the generations: who you are, your tickets, the models and how busy they are. */
export async function readOverview(person: Person | null) {
  const [{ models }, account] = await Promise.all([
    queue.stats(),
    person === null ? null : queue.tickets.account(person.userId),
  ])
  return {
    people: PEOPLE.map(({ userId, name, note }) => ({ userId, name, note })),
    person: person && {
      userId: person.userId,
      name: person.name,
      admin: ADMIN_EMAILS.includes(person.email),
    },
    tickets: account && { available: account.available, reserved: account.reserved },
    models: models.map(({ modelId, modelType, active, maxConcurrent, waiting, paused, estimatedWait }) => ({
      modelId,
      modelType,
      active,
      maxConcurrent,
      waiting,
      paused,
      /** Whole seconds that a newcomer would wait. */
      estimatedWait,
    })),
  }
}

export type Overview = Awaited<ReturnType<typeof readOverview>>
export type Model = Overview['models'][number]
