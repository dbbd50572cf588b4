import {
  type AppliedAndClaimed,
  type ApplyCommand,
  type ApplyItem,
  type ClaimCommand,
  compareWaiting,
  runApply,
  runClaim,
} from '@genqueue/core'
import { type Database, places } from '../database.js'
import { readClock, timeIn } from '../reads/clock.js'
import { toNumber } from '../row.js'
import {
  type HeldRows,
  holdAccounts,
  holdHeads,
  holdLimits,
  holdRows,
  loadModels,
  type Owner,
  ownersOf,
} from './load.js'
import { LoadedBooks, type LoadedModel } from './loaded-books.js'
import { type WriteContext, writeBooks } from './write.js'

/** A model of which something may be claimed. */
export interface Candidate {
  readonly modelId: string
  readonly maxConcurrent: number
}

/** Moves, and then a claim: either may be left out. */
export interface Turn {
  readonly command: ApplyCommand | null
  readonly claim: ClaimCommand | null
}

/** What may be known before anything is held: who is concerned never changes, and what may be claimed is looked at again. */
export interface Outlook {
  readonly at: number
  readonly owners: readonly Owner[]
  readonly candidates: readonly Candidate[]
}

const idsIn = (command: ApplyCommand | null) => [...new Set(command?.items.map((item) => item.queueId))]

/** One trip, before the transaction begins: what is held then is held for the shorter. */
export async function outlookFor(database: Database, { command, claim }: Turn): Promise<Outlook> {
  const given = command?.at ?? claim?.at
  const ids = idsIn(command)
  const [at, owners, candidates] = await Promise.all([
    given ?? readClock(database),
    ownersOf(database, ids),
    claim === null ? [] : candidatesFor(database, claim, ids, given),
  ])
  return { at, owners, candidates }
}

/**
 * What is held is held in one go and in the order of everybody: accounts, limits (the candidates' too), rows; what waits at
 * the head may be skipped where another holds it.
 */
export async function turn(
  database: Database,
  { command, claim }: Turn,
  { at, owners, candidates }: Outlook,
  context: WriteContext,
): Promise<AppliedAndClaimed> {
  const owned = [...new Set(owners.map((owner) => owner.modelId))]
  const tokens = claim?.tokens.length ?? 0
  const leaving = (command?.items ?? []).filter(leavesQueue).length
  // Sent one behind the other without waiting: they take effect in this order.
  const [accounts, { limits, runTimes }, held, ...heads] = await Promise.all([
    holdAccounts(database, payersOf(owners)),
    holdLimits(database, [...owned, ...candidates.map(({ modelId }) => modelId)]),
    holdRows(
      database,
      owners.map((owner) => owner.queueId),
    ),
    ...candidates.map(({ modelId, maxConcurrent }) =>
      holdHeads(database, modelId, Math.min(tokens, maxConcurrent) + leaving, at),
    ),
  ])
  const models = joinsQueue(command?.items ?? []) ? await loadModels(database, owned, at) : new Map()
  for (const [index, { modelId }] of candidates.entries()) {
    models.set(modelId, { ...NONE_WAITING, ...models.get(modelId), heads: inOrder(heads[index] as HeldRows) })
  }
  const lanes = new Map([held, ...heads].flatMap((found) => [...found.lanes]))
  const books = new LoadedBooks({ accounts, limits, rows: held.rows, models })
  const applied = command === null ? [] : runApply(books, command, at)
  const claimed = claim === null ? [] : runClaim(books, claimOf(claim, candidates), at)
  await writeBooks(database, books, { ...context, lanes, runTimes })
  return { applied, claimed }
}

const NONE_WAITING: LoadedModel = { waiting: 0, queued: 0, heads: [] }

const payersOf = (owners: readonly Owner[]) => owners.map((owner) => owner.userId)

const inOrder = ({ rows }: HeldRows) => [...rows].sort(compareWaiting)

const claimOf = (command: ClaimCommand, candidates: readonly Candidate[]): ClaimCommand => ({
  ...command,
  modelIds: candidates.map(({ modelId }) => modelId),
})

/** What is taken from the queue is no head any more. */
const leavesQueue = ({ moves }: ApplyItem) => moves.some((move) => move.fromPlace === 'waiting')

/** Only what is queued anew needs to know how many wait. */
const joinsQueue = (items: readonly ApplyItem[]) =>
  items.some((item) => item.moves.some((move) => move.fromPlace === 'done' && move.toPlace === 'waiting'))

/**
 * Models with somebody to start and a slot that is free; those of `moving` too, of which either may come with the moves.
 * Only looks: most polls find nothing, and should not make anybody wait.
 */
async function candidatesFor(
  database: Database,
  { modelIds, tokens }: ClaimCommand,
  moving: readonly number[],
  at: number | undefined,
): Promise<Candidate[]> {
  if (tokens.length === 0 || modelIds?.length === 0) return []
  const named = modelIds === null ? '' : ` AND l."modelId" IN (${places(modelIds)})`
  const moved =
    moving.length === 0
      ? ''
      : `l."modelId" IN (SELECT g."modelId" FROM "GenerationQueue" g WHERE g."id" IN (${places(moving)})) OR `
  const { sql: now, values: nowValues } = timeIn(database, at)
  const found = await database.rows(
    `SELECT l."modelId", l."maxConcurrent" FROM "ModelConcurrencyLimit" l
     WHERE l."paused" = false${named} AND (${moved}l."currentActive" < l."maxConcurrent" AND (
       EXISTS (SELECT 1 FROM "GenerationQueue" g WHERE g."place" = 'ready' AND g."modelId" = l."modelId")
       OR EXISTS (SELECT 1 FROM "GenerationQueue" g WHERE g."place" = 'delayed' AND g."dueAt" <= ${now}
                  AND g."notBefore" <= ${now} AND g."modelId" = l."modelId")))`,
    [...(modelIds ?? []), ...moving, ...nowValues, ...nowValues],
  )
  return found.map((raw) => ({ modelId: String(raw.modelId), maxConcurrent: toNumber(raw.maxConcurrent) }))
}
