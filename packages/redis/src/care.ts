import type { AuditPage, AuditQuery, MendCommand, PurgeCommand } from '@genqueue/core'
import type { Caller } from './link.js'
import { INDEXED_STATUSES, WAITING_STATUSES } from './moves.js'
import { packer } from './pack.js'
import type { ScriptName } from './scripts.js'
import { lastHourEnded } from './stats.js'
import { readAccount } from './tickets.js'
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
    const [name, args] = purgeCall(command, Math.min(PURGE_STEP, command.max - removed))
    const { values } = await caller.call(name, [args])
    values.list()
    removed += values.number()
    if (values.number() === 0) break
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
  for (const userId of userIds) await caller.call('mend-user', [packer.begin(1).text(userId).take()])
}

async function mendModel(caller: Caller, modelId: string, at: number | null): Promise<void> {
  let set = 1
  let kept = 0
  for (let calls = 0; calls < MEND_CALLS_MAX; calls++) {
    packer
      .begin(6)
      .numberOrNone(at)
      .text(modelId)
      .value(INDEXED_STATUSES)
      .number(set)
      .number(kept)
      .number(MEND_STEP)
    const { values } = await caller.call('mend-model', [packer.take()])
    values.list()
    kept += values.number()
    const more = values.number() === 1
    const another = values.number() === 1
    if (more) continue
    if (!another) return
    set += 1
    kept = 0
  }
}

export async function audit(caller: Caller, query: AuditQuery): Promise<AuditPage> {
  packer.begin(4).textOrNone(query.modelCursor).textOrNone(query.userCursor)
  packer.number(query.limit).value(WAITING_STATUSES)
  const { values } = await caller.call('audit', [packer.take()])
  values.list()
  const modelCursor = values.textOrNull()
  const userCursor = values.textOrNull()
  const models = Array.from({ length: values.list() / 6 }, () => readModel(values))
  const users = Array.from({ length: values.list() / 6 }, () => readUser(values))
  return { models, users, modelCursor, userCursor }
}

function readModel(values: Unpacker): AuditPage['models'][number] {
  return {
    modelId: values.text(),
    maxConcurrent: values.number(),
    active: values.number(),
    leased: values.number(),
    waiting: values.number(),
    indexed: values.number(),
  }
}

function readUser(values: Unpacker): AuditPage['users'][number] {
  return { account: readAccount(values.text(), values), live: values.number() }
}
