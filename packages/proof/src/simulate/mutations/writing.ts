import type { GenerationRow, Storage } from '@genqueue/core'
import type { Tables } from '@genqueue/core/testing'
import type { Mutant } from './mutant.js'

const EVERY = 25

/** True at every so many calls. */
function nowAndThen(): () => boolean {
  let calls = 0
  return () => {
    calls += 1
    return calls % EVERY === 0
  }
}

/** Breaks between what a storage answers and what it keeps. */
export const WRITING_MUTANTS: readonly Mutant[] = [
  { name: 'captures again when a settle is repeated', storage: capturesAgain },
  { name: 'gives a generation to two claims', storage: givesTwice },
  {
    name: 'answers what it did not write',
    storage: (_, tables) => {
      const [write, forgets] = [tables.write.bind(tables), nowAndThen()]
      tables.write = (change) => {
        if (!forgets()) write(change)
      }
      return {}
    },
  },
  {
    name: 'writes the tickets and not the row',
    storage: (_, tables) => {
      const [write, breaks] = [tables.write.bind(tables), nowAndThen()]
      tables.write = (change) => {
        const { before } = change
        write(before !== null && breaks() ? { ...change, row: before } : change)
      }
      return {}
    },
  },
  {
    name: 'answers a batch in another order',
    storage: (sound) => ({ apply: async (command) => (await sound.apply(command)).reverse() }),
  },
  {
    name: 'forgets a line of the ledger',
    storage: (_, tables) => {
      const write = tables.write.bind(tables)
      tables.write = (change) => {
        const lines = tables.ledger.length
        write(change)
        tables.ledger.splice(lines, 1)
      }
      return {}
    },
  },
]

function capturesAgain(sound: Storage, tables: Tables): Partial<Storage> {
  return {
    async apply(command) {
      const results = await sound.apply(command)
      for (const [i, result] of results.entries()) {
        const row = tables.row(command.items[i]?.queueId ?? 0)
        const account = row && tables.account(row.userId)
        if (!result.ok || !result.repeated || row === undefined || account === undefined) continue
        const { balance, captured, userId } = account
        const { ticketCost: cost } = row
        tables.accounts.set(userId, { ...account, balance: balance - cost, captured: captured + cost })
      }
      return results
    },
  }
}

function givesTwice(sound: Storage): Partial<Storage> {
  const again = nowAndThen()
  let last: GenerationRow[] = []
  return {
    async claim(command) {
      if (last.length > 0 && again()) return last.slice(0, command.tokens.length)
      const rows = await sound.claim(command)
      if (rows.length > 0) last = rows
      return rows
    },
  }
}
