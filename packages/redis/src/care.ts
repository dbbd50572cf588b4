import {
  type AuditPage,
  type AuditQuery,
  type MendCommand,
  type PurgeCommand,
  STATUSES,
} from '@genqueue/core'
import type { Caller } from './link.js'
import { LEASED_STATUSES, WAITING_STATUSES } from './moves.js'
import { packer } from './pack.js'
import type { ScriptName } from './scripts.js'
import { lastHourEnded } from './stats.js'
import type { Unpacker } from './unpack.js'

/** Entries that one call removes; rows may carry results of a megabyte, so it is few. */
const PURGE_STEP = 100
/** Calls that find nothing to remove behind each other, having passed over entries of what went on since. */
const PURGE_CALLS_MAX = 100_000
/** Members of a set that one call mends, and calls of one set: 100 million members. */
const MEND_STEP = 1_000
const MEND_CALLS_MAX = 100_000

/** Removes in short calls, so that nobody waits behind a long one. */
export async function purge(caller: Caller, command: PurgeCommand): Promise<number> {
  let removed = 0
  for (let calls = 0; removed < command.max && calls < PURGE_CALLS_MAX; calls++) {
    const reply = await caller.call(...purgeCall(command, Math.min(PURGE_STEP, command.max - removed)))
    reply.list()
    removed += reply.number()
    if (reply.number() === 0) break
  }
  return Math.min(removed, command.max)
}

function purgeCall(command: PurgeCommand, most: number): [ScriptName, Buffer] {
  const { before } = command
  switch (command.what) {
    case 'generations':
      return ['purge-generations', packer.begin(3).value(command.statuses).number(before).number(most).take()]
    case 'ledger':
      return ['purge-ledger', packer.begin(2).number(before).number(most).take()]
    case 'rollups':
      return ['purge-rollups', packer.begin(2).number(lastHourEnded(before)).number(most).take()]
  }
}

export async function mend(caller: Caller, { modelIds, userIds, at }: MendCommand): Promise<void> {
  for (const modelId of modelIds) await mendModel(caller, modelId, at ?? null)
  for (const userId of userIds) await caller.call('mend-user', packer.begin(1).text(userId).take())
}

async function mendModel(caller: Caller, modelId: string, at: number | null): Promise<void> {
  let set = 1
  let kept = 0
  for (let calls = 0; calls < MEND_CALLS_MAX; calls++) {
    packer.begin(6).numberOrNone(at).text(modelId).value(STATUSES).number(set).number(kept).number(MEND_STEP)
    const reply = await caller.call('mend-model', packer.take())
    reply.list()
    kept += reply.number()
    if (reply.number() === 1) continue
    if (reply.number() === 0) return
    set += 1
    kept = 0
  }
}

export async function audit(caller: Caller, query: AuditQuery): Promise<AuditPage> {
  packer.begin(5).textOrNone(query.modelCursor).textOrNone(query.userCursor).number(query.limit)
  const reply = await caller.call('audit', packer.value(WAITING_STATUSES).value(LEASED_STATUSES).take())
  reply.list()
  const modelCursor = reply.textOrNull()
  const userCursor = reply.textOrNull()
  const models = Array.from({ length: reply.list() / 6 }, () => readModel(reply))
  const users = Array.from({ length: reply.list() / 6 }, () => readUser(reply))
  return { models, users, modelCursor, userCursor }
}

function readModel(reply: Unpacker): AuditPage['models'][number] {
  return {
    modelId: reply.text(),
    maxConcurrent: reply.number(),
    active: reply.number(),
    leased: reply.number(),
    waiting: reply.number(),
    indexed: reply.number(),
  }
}

function readUser(reply: Unpacker): AuditPage['users'][number] {
  const account = {
    userId: reply.text(),
    balance: reply.number(),
    reserved: reply.number(),
    granted: reply.number(),
    captured: reply.number(),
  }
  return { account, live: reply.number() }
}
