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
import { packRequest, readValues } from './row.js'
import type { Unpacker } from './unpack.js'

export async function admit(caller: Caller, command: AdmitCommand): Promise<AdmitResult[]> {
  if (command.items.length === 0) return []
  const reply = await caller.call('admit', packCommand(command))
  reply.list()
  const at = reply.number()
  return command.items.map((item) => readResult(reply, item, command, at))
}

function packCommand({ at, queued, started, leaseMs, maxQueued, items }: AdmitCommand): Buffer {
  packer.begin(6).numberOrNone(at ?? null)
  packMove(packer, queued)
  packMove(packer, started)
  packer.number(leaseMs).number(maxQueued).list(items.length)
  for (const item of items) packItem(item)
  return packer.take()
}

function packItem(item: AdmitItem): void {
  packer.list(11).text(item.userId).text(item.modelId).textOrNone(item.modelType)
  packer.number(item.priority).number(item.ticketCost).number(item.maxAttempts).numberOrNone(item.maxWaitMs)
  packer.textOrNone(item.leaseToken).text(item.idempotencyKey).text(item.fingerprint)
  packer.nested(() => packRequest(packer, item))
}

const REFUSED = 0
const ADMITTED = 1

function readResult(reply: Unpacker, item: AdmitItem, command: AdmitCommand, at: number): AdmitResult {
  const kind = reply.number()
  if (kind === REFUSED) return readRefusal(reply)
  if (kind !== ADMITTED) return readKnown(reply, item)
  const queueId = reply.number()
  const position = reply.numberOrNull()
  const modelType = reply.textOrNull() ?? (item.modelType as string)
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

function readRefusal(reply: Unpacker): AdmitResult {
  const code = reply.text() as RefusalCode
  const available = reply.numberOrNull()
  const id = reply.textOrNull()
  return {
    ok: false,
    code,
    ...(available === null ? {} : { available }),
    ...(id === null ? {} : { queueId: Number(id) }),
  }
}

/** A row that was there before: told as it is. Its request says nothing that the answer needs. */
function readKnown(reply: Unpacker, item: AdmitItem): AdmitResult {
  const queueId = Number(reply.text())
  const position = reply.numberOrNull()
  const { prompt, parameters, metadata, idempotencyKey, fingerprint } = item
  const request = { prompt, parameters, metadata, idempotencyKey, fingerprint }
  return admitted({ queueId, ...request, ...readValues(reply) }, item, position, true)
}
