import type { ApplyCommand, ApplyItem, ApplyResult, Move, RefusalCode, Status } from '@genqueue/core'
import type { Caller } from './link.js'
import { packMove } from './moves.js'
import { packer } from './pack.js'
import { withoutRepeats } from './repeats.js'
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

async function applyDistinct(caller: Caller, command: ApplyCommand): Promise<ApplyResult[]> {
  const reply = await caller.call('apply', [packCommand(command)])
  reply.values.list()
  const at = reply.values.number()
  return command.items.map(({ queueId }) => readResult(reply, queueId, at, command.rows))
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

const REFUSED = 0
const REPEATED = 2

function readResult(reply: Reply, queueId: number, at: number, rows: boolean): ApplyResult {
  const { values } = reply
  const kind = values.number()
  if (kind === REFUSED) return readRefusal(values)
  const event = values.text() as Move['event']
  values.none()
  values.none()
  return { ok: true, repeated: kind === REPEATED, event, at, row: rows ? readRow(queueId, reply) : null }
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
