import type {
  AppliedAndClaimed,
  ApplyCommand,
  ApplyItem,
  ApplyResult,
  ClaimCommand,
  GenerationRow,
  Move,
} from '@genqueue/core'
import type { Database } from '../database.js'
import { type RawRow, toGenerationRow, toNumber } from '../row.js'
import { runStatement } from './statements.js'

/** All of the items, or null when nothing was done. */
export async function applyPlainly(
  database: Database,
  command: ApplyCommand,
  lane: number,
): Promise<ApplyResult[] | null> {
  const asked = askedOf(command)
  if (asked === null) return null
  const values = { ...asked, rows: command.rows, lane, at: command.at ?? null }
  const [answer] = await runStatement(database, 'apply', values)
  if (answer?.ok !== true) return null
  return appliedAll(command, answer, command.rows ? rowsIn(answer) : null)
}

export async function claimPlainly(
  database: Database,
  command: ClaimCommand,
  lane: number,
): Promise<GenerationRow[]> {
  const [answer] = await runStatement(database, 'claim', {
    ...wantedOf(command),
    lane,
    at: command.at ?? null,
  })
  return answer === undefined ? [] : rowsIn(answer)
}

/** Both, or null when nothing was done. The rows of what was applied are not answered. */
export async function applyAndClaimPlainly(
  database: Database,
  command: ApplyCommand,
  claim: ClaimCommand,
  lane: number,
): Promise<AppliedAndClaimed | null> {
  const asked = command.rows || command.items.some(meetsQueue) ? null : askedOf(command)
  if (asked === null) return null
  const values = { ...asked, ...wantedOf(claim), lane, at: command.at ?? null }
  const [answer] = await runStatement(database, 'applyAndClaim', values)
  if (answer?.ok !== true) return null
  return { applied: appliedAll(command, answer, null), claimed: rowsIn(answer) }
}

/** Takes from the queue, or puts into it, what the claim behind it may find: that is not seen within one statement. */
const meetsQueue = ({ moves, delayMs }: ApplyItem) =>
  moves.some(({ fromPlace, toPlace }) => fromPlace === 'waiting' || (toPlace === 'waiting' && delayMs === 0))

/** The items, and each list of moves once; null for what a statement does not do: an id twice, or a new reservation. */
function askedOf({ items }: ApplyCommand) {
  if (new Set(items.map((item) => item.queueId)).size < items.length) return null
  const ways = [...new Set(items.map((item) => item.moves))]
  if (ways.some((moves) => moves.some((move) => move.reserve === 1))) return null
  const moves = ways.flatMap((list, way) => list.map((move, number) => ({ way, number, ...move })))
  const asked = items.map((item, n) => ({
    n,
    id: item.queueId,
    way: ways.indexOf(item.moves),
    token: item.token,
    used: item.ticketsUsed,
    delayMs: item.delayMs,
    resultUrl: item.resultUrl,
    output: item.output,
    errorMessage: item.errorMessage,
  }))
  return { items: JSON.stringify(asked), moves: JSON.stringify(moves) }
}

const wantedOf = ({ modelIds, tokens, claim, leaseMs }: ClaimCommand) => ({
  models: modelIds,
  tokens,
  claim: JSON.stringify(claim),
  leaseMs,
})

function appliedAll(
  { items }: ApplyCommand,
  answer: RawRow,
  rows: readonly GenerationRow[] | null,
): ApplyResult[] {
  const numbers = JSON.parse(String(answer.moves)) as number[]
  const at = toNumber(answer.at)
  return items.map(({ moves }, n) => {
    const { event } = moves[numbers[n] as number] as Move
    return { ok: true, repeated: false, event, at, row: rows?.[n] ?? null }
  })
}

const rowsIn = (answer: RawRow): GenerationRow[] =>
  answer.rows === null ? [] : (JSON.parse(String(answer.rows)) as RawRow[]).map(toGenerationRow)
