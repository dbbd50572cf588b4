import type { AdmitItem, GenerationRow, LedgerEntry, LedgerKind, Status } from '@genqueue/core'
import { PLACE_NUMBERS } from './moves.js'
import { packer } from './pack.js'
import type { Reply } from './reply.js'
import { StructReader } from './struct.js'
import { Unpacker } from './unpack.js'

const { waiting, leased, done } = PLACE_NUMBERS
const ID_DIGITS = 14

/** A queueId as it stands in keys and sets; see lua/include/id.lua. */
export const idText = (queueId: number): string => String(queueId).padStart(ID_DIGITS, '0')

/** The part of a row that never changes; scripts hand it on, and read it only for duplicates and the purge. */
export function packRequest(item: AdmitItem): Buffer {
  packer.begin(5).text(item.prompt).text(item.parameters).textOrNone(item.metadata)
  return packer.text(item.idempotencyKey).text(item.fingerprint).take()
}

/** A row from the reply's next two blobs, its request and its values. */
export function readRow(queueId: number, reply: Reply): GenerationRow {
  const request = new Unpacker(reply.blob())
  request.list()
  return joinRow(
    queueId,
    {
      prompt: request.text(),
      parameters: request.text(),
      metadata: request.textOrNull(),
      idempotencyKey: request.text(),
      fingerprint: request.text(),
    },
    reply.blob(),
  )
}

type Requested = Pick<GenerationRow, 'prompt' | 'parameters' | 'metadata' | 'idempotencyKey' | 'fingerprint'>

/** A row from what was asked and its packed values, in the order of lua/include/row.lua. */
export function joinRow(queueId: number, request: Requested, values: Buffer): GenerationRow {
  const reader = new StructReader(values)
  const place = reader.byte()
  reader.uint16() // bytes of the hot part
  const ticketsUsed = reader.int32OrNull()
  const attempt = reader.int32()
  const queuedAt = reader.double()
  const startedAt = reader.doubleOrNull()
  const first = reader.doubleOrNull()
  const second = reader.doubleOrNull()
  const status = reader.text() as Status
  const holder = reader.textOrNull()
  const ticketCost = reader.int32()
  const userId = reader.text()
  const priority = reader.int32()
  const maxAttempts = reader.int32()
  const maxWaitMs = reader.doubleOrNull()
  const modelId = reader.text()
  const modelType = reader.text()
  const resultUrl = reader.textOrNull()
  const output = reader.textOrNull()
  const errorMessage = reader.textOrNull()
  return {
    queueId,
    userId,
    modelId,
    modelType,
    prompt: request.prompt,
    parameters: request.parameters,
    metadata: request.metadata,
    status,
    priority,
    ticketCost,
    ticketsUsed,
    idempotencyKey: request.idempotencyKey,
    fingerprint: request.fingerprint,
    attempt,
    maxAttempts,
    queuedAt,
    notBefore: place === waiting ? first : null,
    maxWaitMs,
    deadlineAt: place === waiting ? second : null,
    startedAt,
    completedAt: place === done ? first : null,
    leaseToken: place === leased ? holder : null,
    leaseExpiresAt: place === leased ? first : null,
    releasedBy: place === leased ? null : holder,
    progress: place === waiting ? null : second,
    resultUrl,
    output,
    errorMessage,
    timeline: reader.rest(),
  }
}

/** Kinds by their number in the ledger, from 1; see lua/include/accounts.lua. */
const LEDGER_KINDS: readonly LedgerKind[] = ['grant', 'revoke', 'reserve', 'capture', 'refund']

export function readLedgerEntry(userId: string, bytes: Buffer): LedgerEntry {
  const reader = new StructReader(bytes)
  const entryId = reader.double()
  const at = reader.double()
  const kind = LEDGER_KINDS[reader.byte() - 1] as LedgerKind
  const amount = reader.int32()
  const balance = reader.int32()
  const reserved = reader.int32()
  const queueId = reader.doubleOrNull()
  const key = reader.textOrNull()
  return { entryId, userId, at, kind, amount, balance, reserved, queueId, key, memo: reader.textOrNull() }
}
