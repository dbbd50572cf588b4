import type { AdmitItem, Storage } from '@genqueue/core'
import { applyCommand, applyItem, type Tables } from '@genqueue/core/testing'
import { type Mutant, withHigherLimits } from './mutant.js'

/** Breaks of order, cap, tickets, keys and leases: each is one look-up that answers wrongly. */
export const STORAGE_MUTANTS: readonly Mutant[] = [
  {
    name: 'lets one more start than the limit',
    storage: (sound, tables) => ({
      claim: (command) => withHigherLimits(tables, 1, () => sound.claim(command)),
    }),
  },
  {
    name: 'lets a newcomer overtake',
    storage: (_, tables) => {
      tables.waiting = () => 0
      return {}
    },
  },
  {
    name: 'ignores priority',
    storage: (_, tables) => {
      const startable = tables.startable.bind(tables)
      tables.next = (modelId, at) => startable(modelId, at).sort((a, b) => a.queuedAt - b.queuedAt)[0]
      return {}
    },
  },
  {
    name: 'starts whoever came last',
    storage: (_, tables) => {
      const startable = tables.startable.bind(tables)
      tables.next = (modelId, at) => startable(modelId, at).at(-1)
      return {}
    },
  },
  {
    name: 'ignores delays',
    storage: (_, tables) => {
      tables.startable = (modelId) => tables.inPlace(modelId, 'waiting')
      return {}
    },
  },
  {
    name: 'starts out of turn on request',
    storage: (_, tables) => {
      tables.ahead = () => 0
      return {}
    },
  },
  {
    name: 'ignores pauses',
    storage: (sound, tables) => ({
      claim: (command) => {
        const limits = new Map(tables.limits)
        for (const [id, limit] of limits) tables.limits.set(id, { ...limit, paused: false })
        const claimed = sound.claim(command)
        for (const [id, { paused }] of limits) {
          const after = tables.limit(id)
          if (after !== undefined) tables.limits.set(id, { ...after, paused })
        }
        return claimed
      },
    }),
  },
  { name: 'kills what runs when a limit is lowered', storage: killsAbove },
  {
    name: 'forgets idempotency keys',
    storage: (_, tables) => {
      tables.rowOfKey = () => undefined
      return {}
    },
  },
  {
    name: 'takes another payload for the same request',
    storage: (sound, tables) => ({
      admit: (command) => {
        const known = (item: AdmitItem) => tables.rowOfKey(item)?.fingerprint
        const items = command.items.map((item) => ({ ...item, fingerprint: known(item) ?? item.fingerprint }))
        return sound.admit({ ...command, items })
      },
    }),
  },
  {
    name: 'posts a grant twice',
    storage: (_, tables) => {
      tables.posted = () => undefined
      return {}
    },
  },
  {
    name: 'spends tickets that are reserved',
    storage: (sound, tables) => ({
      admit: (command) => withMoreTickets(tables, () => sound.admit(command)),
    }),
  },
  {
    name: 'revokes tickets that are reserved',
    storage: (sound, tables) => ({
      post: (command) => withMoreTickets(tables, () => sound.post(command)),
    }),
  },
  {
    name: 'renews any lease',
    storage: (sound, tables) => ({
      renew: (command) => {
        const current = (queueId: number) => tables.row(queueId)?.leaseToken
        const items = command.items.map((item) => ({ ...item, token: current(item.queueId) ?? item.token }))
        return sound.renew({ ...command, items })
      },
    }),
  },
  {
    name: 'claims before it settles',
    storage: (sound) => ({
      applyAndClaim: async (command, claim) => {
        const claimed = await sound.claim(claim)
        return { applied: await sound.apply(command), claimed }
      },
    }),
  },
  {
    name: 'never finds a lapsed lease',
    storage: (sound) => ({ due: async (query) => (query.what === 'lease' ? [] : sound.due(query)) }),
  },
  {
    name: 'clears what still waits',
    storage: (sound, tables) => ({
      purge: async (command) => {
        const first = tables.all().find(({ status }) => status === 'queued')
        if (first !== undefined && command.what === 'generations') tables.rows.delete(first.queueId)
        return sound.purge(command)
      },
    }),
  },
]

/** Runs a command while every account has more than it has. */
function withMoreTickets<Result>(tables: Tables, command: () => Promise<Result>): Promise<Result> {
  const before = new Map(tables.accounts)
  const give = (by: number) => {
    for (const userId of before.keys()) {
      const account = tables.account(userId)
      if (account !== undefined) {
        tables.accounts.set(userId, {
          ...account,
          balance: account.balance + by * (before.get(userId)?.reserved ?? 0),
        })
      }
    }
  }
  give(1)
  const running = command()
  give(-1)
  return running
}

function killsAbove(sound: Storage, tables: Tables): Partial<Storage> {
  return {
    async limit(command) {
      const limits = await sound.limit(command)
      for (const { modelId, maxConcurrent } of limits) {
        const extra = tables.inPlace(modelId, 'leased').slice(maxConcurrent)
        const items = extra.map(({ queueId }) => applyItem(queueId, 'cancel'))
        await sound.apply(applyCommand(items, command.at ?? 0))
      }
      return limits
    },
  }
}
