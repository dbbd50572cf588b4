import {
  type AdmitCommand,
  type AdmitItem,
  type AdmitResult,
  admitted,
  type RefusalCode,
} from '@genqueue/core'
import type { Caller } from './link.js'
import { packMove } from './moves.js'
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
  const at = reply.values.number()
  return items.map((item) => readResult(reply, item, command, at))
}

/** A user's key as it stands in the hash of keys: no id contains NUL. */
const nameOf = (item: AdmitItem): string => `${item.userId}\0${item.idempotencyKey}`

const VALUES_PER_ITEM = 10

function packCommand({ at, queued, started, leaseMs, maxQueued, items }: AdmitCommand): Buffer {
  packer.begin(6).numberOrNone(at ?? null)
  packMove(packer, queued)
  packMove(packer, started)
  packer.number(leaseMs).number(maxQueued)
  packer.list(items.length * VALUES_PER_ITEM)
  for (const item of items) packItem(item)
  return packer.take()
}

function packItem(item: AdmitItem): void {
  packer.text(item.userId).text(nameOf(item)).text(item.modelId).textOrNone(item.modelType)
  packer
    .number(item.ticketCost)
    .number(item.priority)
    .number(item.maxWaitMs ?? -1)
  packer.textOrNone(item.leaseToken).text(item.fingerprint)
  packer.bytes(packFixed(item))
}

const REFUSED = 0
const ADMITTED = 1

function readResult(reply: Reply, item: AdmitItem, command: AdmitCommand, at: number): AdmitResult {
  const { values } = reply
  const kind = values.number()
  if (kind === REFUSED) return readRefusal(values)
  if (kind !== ADMITTED) return readKnown(reply, item)
  const queueId = values.number()
  const position = values.numberOrNull()
  const modelType = values.textOrNull() ?? (item.modelType as string)
  const starts = position === null
  return {
    ok: true,
    duplicate: false,
    queueId,
    status: starts ? command.started.to : command.queued.to,
    modelType,
    attempt: starts ? 1 : 0,
    position,
    queuedAt: at,
    startedAt: starts ? at : null,
    leaseToken: starts ? item.leaseToken : null,
    leaseExpiresAt: starts ? at + command.leaseMs : null,
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
  reply.values.none()
  return admitted(joinRow(queueId, item, reply.blob()), item, position, true)
}
