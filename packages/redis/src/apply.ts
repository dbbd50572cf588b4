import type {
  AppliedAndClaimed,
  ApplyCommand,
  ApplyItem,
  ApplyResult,
  ClaimCommand,
  Move,
  RefusalCode,
  Status,
} from '@genqueue/core'
import { claim } from './claim.js'
import type { Caller } from './link.js'
import { packMove } from './moves.js'
import { packer } from './pack.js'
import { hasRepeats, withoutRepeats } from './repeats.js'
import type { Reply } from './reply.js'
import { idText, readRow } from './row.js'
import type { Unpacker } from './unpack.js'

export async function apply(caller: Caller, command: ApplyCommand): Promise<ApplyResult[]> {
  const results: ApplyResult[] = []
  for (const items of withoutRepeats(command.items, (item) => item.queueId)) {
    results.push(...(await applyDistinct(caller, { ...command, items })))
  }
  return results
}

/** Sent together, one script takes effect behind the other. */
export async function applyAndClaim(
  caller: Caller,
  command: ApplyCommand,
  wanted: ClaimCommand,
): Promise<AppliedAndClaimed> {
  const applying = apply(caller, command)
  // What has to go in several scripts is not all sent yet.
  if (hasRepeats(command.items, (item) => item.queueId)) await applying
  const [applied, claimed] = await Promise.all([applying, claim(caller, wanted)])
  return { applied, claimed }
}

async function applyDistinct(caller: Caller, command: ApplyCommand): Promise<ApplyResult[]> {
  const reply = await caller.call('apply', [packCommand(command)])
  reply.values.list()
  const at = reply.values.number()
  return command.items.map((item) => readResult(reply, item, at, command.rows))
}

const VALUES_PER_ITEM = 8

function packCommand({ at, maxQueued, rows, items }: ApplyCommand): Buffer {
  // Items nearly always share one list of moves, so that each list is sent once.
  const numbers = new Map<readonly Move[], number>()
  for (const { moves } of items) if (!numbers.has(moves)) numbers.set(moves, numbers.size + 1)
  packer
    .begin(5)
    .numberOrNone(at ?? null)
    .number(maxQueued)
    .number(rows ? 1 : 0)
  packer.list(numbers.size)
  for (const moves of numbers.keys()) {
    packer.list(moves.length)
    for (const move of moves) packMove(packer, move)
  }
  packer.list(items.length * VALUES_PER_ITEM)
  for (const item of items) packItem(item, numbers.get(item.moves) as number)
  return packer.take()
}

function packItem(item: ApplyItem, moves: number): void {
  packer.text(idText(item.queueId)).number(moves)
  packer
    .textOrNone(item.token)
    .number(item.ticketsUsed ?? -1)
    .number(item.delayMs)
  packer.textOrNone(item.resultUrl).textOrNone(item.output).textOrNone(item.errorMessage)
}

/** A move's number in the item's list, negative when it was carried out before. */
function readResult(reply: Reply, { queueId, moves }: ApplyItem, at: number, rows: boolean): ApplyResult {
  const number = reply.values.number()
  if (number === 0) return readRefusal(reply.values)
  const { event } = moves[Math.abs(number) - 1] as Move
  return { ok: true, repeated: number < 0, event, at, row: rows ? readRow(queueId, reply) : null }
}

function readRefusal(values: Unpacker): ApplyResult {
  const code = values.text() as RefusalCode
  const status = values.textOrNull() as Status | null
  const available = values.numberOrNull()
  return {
    ok: false,
    code,
    ...(status === null ? {} : { status }),
    ...(available === null ? {} : { available }),
  }
}
