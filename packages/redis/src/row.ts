import type { AdmitItem, GenerationRow, LedgerEntry, LedgerKind, Status } from '@genqueue/core'
import type { Packer } from './pack.js'
import type { Unpacker } from './unpack.js'

const ID_DIGITS = 14

/** A queueId as it stands in keys and sets; see lua/include/id.lua. */
export const idText = (queueId: number): string => String(queueId).padStart(ID_DIGITS, '0')

/** The part of a row that never changes and that no script but the purge reads. */
export function packRequest(packer: Packer, item: AdmitItem): void {
  packer.list(5).text(item.prompt).text(item.parameters).textOrNone(item.metadata)
  packer.text(item.idempotencyKey).text(item.fingerprint)
}

/** A row from its request and its packed values, which follow each other in the reply; order of lua/include/state.lua. */
export function readRow(queueId: number, reply: Unpacker): GenerationRow {
  reply.enter()
  reply.list()
  const prompt = reply.text()
  const parameters = reply.text()
  const metadata = reply.textOrNull()
  const idempotencyKey = reply.text()
  const fingerprint = reply.text()
  return { queueId, prompt, parameters, metadata, idempotencyKey, fingerprint, ...readValues(reply) }
}

type RowValues = Omit<
  GenerationRow,
  'queueId' | 'prompt' | 'parameters' | 'metadata' | 'idempotencyKey' | 'fingerprint'
>

/** The packed values of a row, without its request. */
export function readValues(reply: Unpacker): RowValues {
  reply.enter()
  reply.list()
  const status = reply.text() as Status
  reply.number() // its place, which follows from the status
  return {
    status,
    userId: reply.text(),
    modelId: reply.text(),
    modelType: reply.text(),
    priority: reply.number(),
    ticketCost: reply.number(),
    maxAttempts: reply.number(),
    maxWaitMs: reply.numberOrNull(),
    ticketsUsed: reply.numberOrNull(),
    attempt: reply.number(),
    queuedAt: reply.number(),
    notBefore: reply.numberOrNull(),
    deadlineAt: reply.numberOrNull(),
    startedAt: reply.numberOrNull(),
    completedAt: reply.numberOrNull(),
    leaseToken: reply.textOrNull(),
    leaseExpiresAt: reply.numberOrNull(),
    releasedBy: reply.textOrNull(),
    progress: reply.numberOrNull(),
    resultUrl: reply.textOrNull(),
    output: reply.textOrNull(),
    errorMessage: reply.textOrNull(),
    timeline: reply.text(),
  }
}

/** A row, or null where the reply has two nulls. */
export function readRowOrNull(queueId: number, reply: Unpacker): GenerationRow | null {
  if (!reply.none()) return readRow(queueId, reply)
  reply.none()
  return null
}

/** Kinds by their number in the ledger, from 1; see lua/include/accounts.lua and lua/post.lua. */
const LEDGER_KINDS: readonly LedgerKind[] = ['grant', 'revoke', 'reserve', 'capture', 'refund']

export function readLedgerEntry(userId: string, reply: Unpacker): LedgerEntry {
  reply.enter()
  reply.list()
  const entryId = reply.number()
  const at = reply.number()
  const kind = LEDGER_KINDS[reply.number() - 1] as LedgerKind
  return {
    entryId,
    userId,
    at,
    kind,
    amount: reply.number(),
    balance: reply.number(),
    reserved: reply.number(),
    queueId: reply.numberOrNull(),
    key: reply.textOrNull(),
    memo: reply.textOrNull(),
  }
}
