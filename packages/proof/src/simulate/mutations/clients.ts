import type { ClaimCommand, GenerationRow, Storage } from '@genqueue/core'
import { type Mutant, withHigherLimits } from './mutant.js'

const NO_LIMIT = 1_000

/** Breaks of how a storage is used. Between two calls other processes have their turn. */
export const CLIENT_MUTANTS: readonly Mutant[] = [
  {
    name: 'counts instead of guarding',
    storage: (sound, tables) => ({
      claim: (command) => withHigherLimits(tables, NO_LIMIT, () => sound.claim(command)),
    }),
    client: (storage) => ({ ...storage, claim: (command) => countThenClaim(storage, command) }),
  },
  {
    name: 'settles without its lease',
    client: (storage) => ({
      ...storage,
      apply: (command) =>
        storage.apply({ ...command, items: command.items.map((item) => ({ ...item, token: null })) }),
    }),
  },
  { name: 'tries again under another key', client: withNewKeys },
  {
    name: 'lets a failure go unheard',
    client: (storage) => ({
      ...storage,
      claim: async (command) => {
        const rows = await storage.claim(command)
        if (rows.length > 1) void Promise.reject(new Error('unheard'))
        return rows
      },
    }),
  },
]

/** What many a hand-made queue does: count what runs, and start as many as fit. */
async function countThenClaim(storage: Storage, command: ClaimCommand): Promise<GenerationRow[]> {
  const { modelIds, at } = command
  const claimed: GenerationRow[] = []
  for (const { modelId, maxConcurrent, active, paused } of await storage.stats({ modelIds, ...timeOf(at) })) {
    const free = paused ? 0 : Math.max(0, maxConcurrent - active)
    const tokens = command.tokens.slice(claimed.length, claimed.length + free)
    if (tokens.length > 0) {
      claimed.push(...(await storage.claim({ ...command, modelIds: [modelId], tokens })))
    }
  }
  return claimed
}

const timeOf = (at: number | undefined) => (at === undefined ? {} : { at })

function withNewKeys(storage: Storage): Storage {
  let made = 0
  const anew = (key: string) => {
    made += 1
    return `${key}/${made}`
  }
  return {
    ...storage,
    admit: (command) => {
      const items = command.items.map((item) => ({ ...item, idempotencyKey: anew(item.idempotencyKey) }))
      return storage.admit({ ...command, items })
    },
  }
}
