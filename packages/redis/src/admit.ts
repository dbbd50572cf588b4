import {
  type AdmitCommand,
  type AdmitItem,
  type AdmitResult,
  admitted,
  type RefusalCode,
} from '@genqueue/core'
import type { Caller } from './link.js'
import { packEntry } from './moves.js'
import { packer } from './pack.js'
import { withoutRepeats } from './repeats.js'
import type { Reply } from './reply.js'
import { joinRow, packRequest } from './row.js'
import { packFixed } from './struct.js'
import type { Unpacker } from './unpack.js'

export async function admit(caller: Caller, command: AdmitCommand): Promise<AdmitResult[]> {
  const results: AdmitResult[] = []
  for (const items of withoutRepeats(command.items, nameOf)) {
    results.push(...(await admitDistinct(caller, { ...command, items })))
  }
  return results
}

async function admitDistinct(caller: Caller, command: AdmitCommand): Promise<AdmitResult[]> {
  const { items } = command
  const reply = await caller.call('admit', [packCommand(command), ...items.map(packRequest)])
  reply.values.list()
  return readResults(reply, command)
}

/** A user's key as it stands in the hash of keys: no id contains NUL. */
const nameOf = (item: AdmitItem): string => `${item.userId}\0${item.idempotencyKey}`

const VALUES_PER_ITEM = 3

function packCommand({ at, queued, started, leaseMs, maxQueued, items }: AdmitCommand): Buffer {
  packer.begin(12).numberOrNone(at ?? null)
  packEntry(packer, queued)
  packEntry(packer, started)
  packer.number(leaseMs).number(maxQueued)
  packer.list(items.length)
  for (const item of items) packer.text(nameOf(item))
  const payers = new Set<string>()
  for (const { userId, ticketCost } of items) if (ticketCost > 0) payers.add(userId)
  packer.list(payers.size)
  for (const userId of payers) packer.text(userId)
  packer.list(items.length * VALUES_PER_ITEM)
  for (const item of items)
    packer.bytes(packFixed(item)).textOrNone(item.leaseToken).textOrNone(item.modelType)
  return packer.take()
}

/** What an item's answer begins with; anything above is the position of one that waits. */
const REFUSED = 0
const KNOWN = -1
const STARTED = -2

function readResults(reply: Reply, command: AdmitCommand): AdmitResult[] {
  const { values } = reply
  const at = values.number()
  let queueId = values.number()
  return command.items.map((item) => {
    const answer = values.number()
    if (answer === REFUSED) return readRefusal(values)
    if (answer === KNOWN) return readKnown(reply, item)
    queueId += 1
    const modelType = item.modelType ?? values.text()
    return readAdmitted(command, item, {
      queueId,
      modelType,
      at,
      position: answer === STARTED ? null : answer,
    })
  })
}

function readAdmitted(
  { queued, started, leaseMs }: AdmitCommand,
  { leaseToken }: AdmitItem,
  {
    queueId,
    modelType,
    at,
    position,
  }: { queueId: number; modelType: string; at: number; position: number | null },
): AdmitResult {
  const starts = position === null
  return {
    ok: true,
    duplicate: false,
    queueId,
    status: starts ? started.to : queued.to,
    modelType,
    attempt: starts ? 1 : 0,
    position,
    queuedAt: at,
    startedAt: starts ? at : null,
    leaseToken: starts ? leaseToken : null,
    leaseExpiresAt: starts ? at + leaseMs : null,
  }
}

function readRefusal(values: Unpacker): AdmitResult {
  const code = values.text() as RefusalCode
  const available = values.numberOrNull()
  const id = values.textOrNull()
  return {
    ok: false,
    code,
    ...(available === null ? {} : { available }),
    ...(id === null ? {} : { queueId: Number(id) }),
  }
}

/** A row that was there before: told as it is. What was asked says nothing that the answer needs. */
function readKnown(reply: Reply, item: AdmitItem): AdmitResult {
  const queueId = Number(reply.values.text())
  const position = reply.values.numberOrNull()
  return admitted(joinRow(queueId, item, reply.blob()), item, position, true)
}
