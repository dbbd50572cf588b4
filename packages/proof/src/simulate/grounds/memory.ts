import type { Account, GenerationRow, LedgerEntry, Storage } from '@genqueue/core'
import { memoryStorage } from '@genqueue/memory'
import type { Evidence } from '../../chaos/evidence/evidence.js'
import type { Grounds } from './ground.js'

const PAGE = 200
const PAGES_MAX = 1_000

/** One storage object, which all processes of a run share. */
export function memoryGrounds(
  label = 'memory',
  make: () => Storage = () => memoryStorage({ clock: { now: () => 0 } }),
): Grounds {
  return {
    label,
    async fresh() {
      const storage = make()
      await storage.open()
      return { handles: [storage], evidence: evidenceIn(storage), close: () => storage.close() }
    },
    destroy: async () => {},
  }
}

/** Nobody but the storage can read what is in this process: its plain reads have to do. */
function evidenceIn(storage: Storage): Evidence {
  const rows = () => allRows(storage)
  const accounts = () => allAccounts(storage)
  return {
    accounts,
    async takenSlots() {
      return (await rows()).flatMap(({ queueId, modelId, leaseToken, leaseExpiresAt }) =>
        leaseToken === null ? [] : [{ queueId, modelId, leaseUntil: leaseExpiresAt as number }],
      )
    },
    async unfinished() {
      return (await rows()).filter(({ completedAt }) => completedAt === null).length
    },
    async books() {
      const generations = (await rows()).map(({ queueId, userId, idempotencyKey, modelId, status }) => {
        return { queueId, userId, key: idempotencyKey, modelId, status }
      })
      const owners = await accounts()
      const ledger = await Promise.all(owners.map(({ userId }) => allLines(storage, userId)))
      const limits = await storage.limits()
      const active = Object.fromEntries(limits.map((limit) => [limit.modelId, limit.active]))
      return { generations, accounts: owners, ledger: ledger.flat(), active }
    },
    close: async () => {},
  }
}

async function allAccounts(storage: Storage): Promise<Account[]> {
  const all: Account[] = []
  let userCursor: string | null = ''
  for (let page = 0; page < PAGES_MAX && userCursor !== null; page++) {
    const query = { modelCursor: null, userCursor, limit: PAGE }
    const found: Awaited<ReturnType<Storage['audit']>> = await storage.audit(query)
    all.push(...found.users.map(({ account }) => account))
    userCursor = found.userCursor
  }
  return all
}

async function allRows(storage: Storage): Promise<GenerationRow[]> {
  const query = { statuses: null, modelId: null, userId: null, text: null, limit: PAGE }
  return pages(async (cursor) => {
    const { rows, cursor: next } = await storage.list({ ...query, cursor })
    return [rows, next]
  })
}

const allLines = (storage: Storage, userId: string): Promise<LedgerEntry[]> =>
  pages(async (cursor) => {
    const page = await storage.ledger({ userId, queueId: null, cursor, limit: PAGE })
    return [page.entries, page.cursor]
  })

async function pages<Item>(
  read: (cursor: number | null) => Promise<[Item[], number | null]>,
): Promise<Item[]> {
  const all: Item[] = []
  let cursor: number | null = null
  for (let page = 0; page < PAGES_MAX; page++) {
    const [items, next]: [Item[], number | null] = await read(cursor)
    all.push(...items)
    cursor = next
    if (cursor === null) break
  }
  return all
}
