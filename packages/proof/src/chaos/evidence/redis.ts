import { Redis } from 'ioredis'
import { MODEL_IDS } from '../workload.js'
import type {
  Evidence,
  StoredAccount,
  StoredBooks,
  StoredGeneration,
  StoredLine,
  TakenSlot,
} from './evidence.js'

/** As packages/redis/lua/include names its keys; ids are decimal, in sets with leading zeros. */
const BASE = '{genqueue}:'
const KINDS = ['', 'grant', 'revoke', 'reserve', 'capture', 'refund']
/** A value that stands for none. */
const NONE = 0xff
const COMMAND_MS_MAX = 2_000

export function redisEvidence(port: number): Evidence {
  const client = new Redis(port, '127.0.0.1', {
    enableOfflineQueue: false,
    maxRetriesPerRequest: 0,
    commandTimeout: COMMAND_MS_MAX,
    retryStrategy: () => 100,
  })
  client.on('error', () => {})
  return {
    takenSlots: async () => (await Promise.all(MODEL_IDS.map((modelId) => slotsOf(client, modelId)))).flat(),
    accounts: () => accountsOf(client),
    async unfinished() {
      const counts = await Promise.all(
        MODEL_IDS.flatMap((id) => ['w', 'd', 'a'].map((set) => client.zcard(`${BASE}${set}:${id}`))),
      )
      return counts.reduce((sum, count) => sum + count, 0)
    },
    books: () => readBooks(client),
    async close() {
      client.disconnect()
    },
  }
}

async function slotsOf(client: Redis, modelId: string): Promise<TakenSlot[]> {
  const flat = await client.zrange(`${BASE}a:${modelId}`, '0', '-1', 'WITHSCORES')
  const slots: TakenSlot[] = []
  for (let i = 0; i < flat.length; i += 2) {
    slots.push({ queueId: Number(flat[i]), modelId, leaseUntil: Number(flat[i + 1]) })
  }
  return slots
}

async function readBooks(client: Redis): Promise<StoredBooks> {
  const statuses = await statusById(client)
  const generations: StoredGeneration[] = []
  for (const [name, id] of Object.entries(await client.hgetall(`${BASE}once`))) {
    const [userId, key] = name.split('\0') as [string, string]
    const queueId = Number(id)
    const { status, modelId } = statuses.get(queueId) ?? { status: 'missing', modelId: '' }
    generations.push({ queueId, userId, key, modelId, status })
  }
  const users = await client.zrange(`${BASE}users`, '0', '-1')
  const ledgers = await Promise.all(
    users.map(async (user) =>
      (await client.lrangeBuffer(`${BASE}t:${user}`, 0, -1)).map((line) => ledgerLine(user, line)),
    ),
  )
  const taken = MODEL_IDS.map(async (id) => [id, await client.zcard(`${BASE}a:${id}`)] as const)
  const active = Object.fromEntries(await Promise.all(taken))
  return { generations, ledger: ledgers.flat(), accounts: await accountsOf(client), active }
}

async function statusById(client: Redis): Promise<Map<number, { status: string; modelId: string }>> {
  const found = new Map<number, { status: string; modelId: string }>()
  for (const key of await client.keys(`${BASE}s:*`)) {
    const [status, modelId] = key.slice(BASE.length + 2).split(':') as [string, string]
    for (const id of await client.zrange(key, '0', '-1')) found.set(Number(id), { status, modelId })
  }
  for (const slot of (await Promise.all(MODEL_IDS.map((id) => slotsOf(client, id)))).flat()) {
    found.set(slot.queueId, { status: 'holding a slot', modelId: slot.modelId })
  }
  return found
}

/** `<i4i4`: balance and reserved come first. */
async function accountsOf(client: Redis): Promise<StoredAccount[]> {
  const packed = await client.hgetallBuffer(`${BASE}accounts`)
  return Object.entries(packed).map(([userId, value]) => ({
    userId,
    balance: value.readInt32LE(0),
    reserved: value.readInt32LE(4),
  }))
}

/** `<ddBi4i4i4dss`: entry, time, kind, amount, balance, reserved, id or -1, key, memo. */
function ledgerLine(userId: string, line: Buffer): StoredLine {
  const queueId = line.readDoubleLE(29)
  const key = line.subarray(37, line.indexOf(0, 37))
  return {
    userId,
    kind: KINDS[line[16] as number] ?? 'unknown',
    amount: line.readInt32LE(17),
    queueId: queueId < 0 ? null : queueId,
    key: key[0] === NONE ? null : key.toString(),
  }
}
