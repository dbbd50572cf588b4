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
  const { values } = await caller.call('post', [packer.take()])
  values.list()
  return items.map(({ userId }) => readPost(userId, values))
}

function readPost(userId: string, values: Unpacker): PostResult {
  const kind = values.number()
  if (kind !== REFUSED) return { ok: true, repeated: kind === REPEATED, account: readAccount(userId, values) }
  const code = values.text() as RefusalCode
  const available = values.numberOrNull()
  values.number()
  values.number()
  return available === null ? { ok: false, code } : { ok: false, code, available }
}

/** Four numbers, as every script answers an account. */
export function readAccount(userId: string, values: Unpacker): Account {
  const balance = values.number()
  const reserved = values.number()
  const granted = values.number()
  return { userId, balance, reserved, granted, captured: values.number() }
}

export async function accounts(caller: Caller, userIds: readonly string[]): Promise<(Account | null)[]> {
  const { values } = await caller.call('accounts', [packer.begin(1).value(userIds).take()])
  values.list()
  return userIds.map((userId) => (values.number() === 0 ? null : readAccount(userId, values)))
}

/** Pages through entries that do not fit the filter, up to a bound: a page may then be short and go on. */
export async function ledger(caller: Caller, query: LedgerQuery): Promise<LedgerPage> {
  const { userId, queueId, limit } = query
  const entries: LedgerEntry[] = []
  let cursor = query.cursor
  for (let examined = 0; examined < LEDGER_EXAMINED_MAX; examined += LEDGER_STEP) {
    packer.begin(5).text(userId).numberOrNone(queueId).numberOrNone(cursor)
    packer.number(limit - entries.length).number(LEDGER_STEP)
    const reply = await caller.call('ledger', [packer.take()])
    reply.values.list()
    cursor = reply.values.numberOrNull()
    while (reply.blobsLeft > 0) entries.push(readLedgerEntry(userId, reply.blob()))
    if (cursor === null || entries.length === limit) break
  }
  return { entries, cursor }
}
