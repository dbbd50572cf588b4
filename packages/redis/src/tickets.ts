import type {
  Account,
  LedgerEntry,
  LedgerPage,
  LedgerQuery,
  PostCommand,
  PostResult,
  RefusalCode,
} from '@genqueue/core'
import type { Caller } from './link.js'
import { packer } from './pack.js'
import { readLedgerEntry } from './row.js'
import type { Unpacker } from './unpack.js'

/** Ledger entries that one call looks at, and one page at most. */
const LEDGER_STEP = 500
const LEDGER_EXAMINED_MAX = 10_000
const REFUSED = 0
const REPEATED = 2

export async function post(caller: Caller, { at, items }: PostCommand): Promise<PostResult[]> {
  if (items.length === 0) return []
  packer
    .begin(2)
    .numberOrNone(at ?? null)
    .list(items.length)
  for (const { userId, amount, key, memo } of items) {
    packer.list(4).text(userId).number(amount).text(key).textOrNone(memo)
  }
  const reply = await caller.call('post', packer.take())
  reply.list()
  return items.map(({ userId }): PostResult => {
    const kind = reply.number()
    if (kind !== REFUSED)
      return { ok: true, repeated: kind === REPEATED, account: readAccount(userId, reply) }
    reply.list()
    const code = reply.text() as RefusalCode
    const available = reply.numberOrNull()
    return available === null ? { ok: false, code } : { ok: false, code, available }
  })
}

function readAccount(userId: string, reply: Unpacker): Account {
  reply.list()
  return {
    userId,
    balance: reply.number(),
    reserved: reply.number(),
    granted: reply.number(),
    captured: reply.number(),
  }
}

export async function accounts(caller: Caller, userIds: readonly string[]): Promise<(Account | null)[]> {
  const reply = await caller.call('accounts', packer.begin(1).value(userIds).take())
  reply.list()
  return userIds.map((userId) => (reply.none() ? null : readAccount(userId, reply)))
}

/** Pages through entries that do not fit the filter, up to a bound: a page may then be short and go on. */
export async function ledger(caller: Caller, query: LedgerQuery): Promise<LedgerPage> {
  const { userId, queueId, limit } = query
  const entries: LedgerEntry[] = []
  let cursor = query.cursor
  for (let examined = 0; examined < LEDGER_EXAMINED_MAX; examined += LEDGER_STEP) {
    packer.begin(5).text(userId).numberOrNone(queueId).numberOrNone(cursor)
    const reply = await caller.call(
      'ledger',
      packer
        .number(limit - entries.length)
        .number(LEDGER_STEP)
        .take(),
    )
    const length = reply.list()
    cursor = reply.numberOrNull()
    for (let i = 1; i < length; i++) entries.push(readLedgerEntry(userId, reply))
    if (cursor === null || entries.length === limit) break
  }
  return { entries, cursor }
}
