import type { ApplyCommand, ApplyItem, ApplyResult, ClaimCommand, GenerationRow, Move } from '@genqueue/core'
import type { Database } from '../database.js'
import { type RawRow, toGenerationRow, toNumber } from '../row.js'
import { runStatement } from './statements.js'

/** Tries of a claim that finds what it wanted taken by another: each waits its turn, so hardly ever two. */
const CLAIMS_MAX = 5

/** Results of the items that fitted, in their places; null for what the statement cannot do at all. */
export type Partly = (ApplyResult | undefined)[]

export async function applyPlainly(
  database: Database,
  command: ApplyCommand,
  lane: number,
): Promise<Partly | null> {
  const asked = askedOf(command)
  if (asked === null) return null
  const values = { ...asked, rows: command.rows, lane, at: command.at ?? null }
  const [answer] = await runStatement(database, 'apply', values)
  return resultsOf(command, answer as RawRow, command.rows ? rowsIn(answer as RawRow) : null)
}

export async function claimPlainly(
  database: Database,
  command: ClaimCommand,
  lane: number,
): Promise<GenerationRow[]> {
  const claimed: GenerationRow[] = []
  for (let tries = 0; tries < CLAIMS_MAX && claimed.length < command.tokens.length; tries++) {
    const rest = { ...command, tokens: command.tokens.slice(claimed.length) }
    const [answer] = await runStatement(database, 'claim', {
      ...wantedOf(rest),
      lane,
      at: command.at ?? null,
    })
    claimed.push(...rowsIn(answer as RawRow))
    if (toNumber(answer?.missed) === 0) break
  }
  return claimed
}

/** Both, as one; null for what the statement cannot do. The rows of what was applied are not answered. */
export async function applyAndClaimPlainly(
  database: Database,
  command: ApplyCommand,
  claim: ClaimCommand,
  lane: number,
): Promise<{ readonly applied: Partly; readonly claimed: GenerationRow[] } | null> {
  const asked = command.rows || command.items.some(meetsQueue) ? null : askedOf(command)
  if (asked === null) return null
  const values = { ...asked, ...wantedOf(claim), lane, at: command.at ?? null }
  const [answer] = await runStatement(database, 'applyAndClaim', values)
  const claimed = rowsIn(answer as RawRow)
  if (toNumber(answer?.missed) > 0) {
    const rest = { ...claim, tokens: claim.tokens.slice(claimed.length) }
    claimed.push(...(await claimPlainly(database, rest, lane)))
  }
  return { applied: resultsOf(command, answer as RawRow, null), claimed }
}

/** Takes from the queue, or puts into it, what the claim behind it may find: that is not seen within one statement. */
const meetsQueue = ({ moves, delayMs }: ApplyItem) =>
  moves.some(({ fromPlace, toPlace }) => fromPlace === 'waiting' || (toPlace === 'waiting' && delayMs === 0))

/** The items, and each list of moves once; null for what the statement does not do: an id twice, or a new reservation. */
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

function resultsOf({ items }: ApplyCommand, answer: RawRow, rows: readonly GenerationRow[] | null): Partly {
  const results: Partly = items.map(() => undefined)
  const at = toNumber(answer.at)
  const done = JSON.parse(String(answer.done ?? '[]')) as [n: number, move: number][]
  for (const [index, [n, number]] of done.entries()) {
    const { event } = (items[n] as ApplyItem).moves[number] as Move
    results[n] = { ok: true, repeated: false, event, at, row: rows?.[index] ?? null }
  }
  return results
}

const rowsIn = (answer: RawRow): GenerationRow[] =>
  answer.rows === null ? [] : (JSON.parse(String(answer.rows)) as RawRow[]).map(toGenerationRow)
