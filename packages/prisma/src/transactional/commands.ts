import {
  type AdmitCommand,
  type AdmitResult,
  type GenerationRow,
  type Limit,
  type LimitCommand,
  type PostCommand,
  type PostResult,
  type RenewCommand,
  type RenewResult,
  runAdmit,
  runLimit,
  runPost,
  runRenew,
  runStart,
  type StartCommand,
  type StartResult,
} from '@genqueue/core'
import type { Commands } from '../commands.js'
import type { Database } from '../database.js'
import { readLimitRows, toLimit } from '../reads/books.js'
import { readClock } from '../reads/clock.js'
import { AFTER_ALL, countAhead, type Spot } from '../reads/position.js'
import { toNumber } from '../row.js'
import { holdAccounts, holdLimits, holdRows, loadModels, ownersOf, rowsOfKeys } from './load.js'
import { aheadOfNewKey, LoadedBooks } from './loaded-books.js'
import { turnOf } from './tallies.js'
import { type Outlook, outlookFor, type Turn, turn } from './turn.js'
import { type WriteContext, writeBooks } from './write.js'

/**
 * The commands as short transactions around core's plan: lock and load what it looks at, run it in this process, write
 * what it changed. A refusal changes nothing, so nothing is ever rolled back on purpose.
 */
export function transactionalCommands(database: Database, lane: number): Commands {
  const nothing: WriteContext = { lane, lanes: new Map(), runTimes: new Map() }
  const timed = <Result>(
    given: number | undefined,
    body: (within: Database, at: number) => Promise<Result>,
  ): Promise<Result> =>
    database.transaction(async (within) => body(within, given ?? (await readClock(within))))

  const turned = async (wanted: Turn, known?: Outlook) => {
    const outlook = known ?? (await outlookFor(database, wanted))
    return database.transaction((within) => turn(within, wanted, outlook, nothing))
  }

  return {
    admit: (command) => timed(command.at, (within, at) => admit(within, command, at, nothing)),
    async claim(command) {
      const wanted = { command: null, claim: command }
      const outlook = await outlookFor(database, wanted)
      // Most polls find nothing to start: they should not make anybody wait.
      return outlook.candidates.length === 0 ? [] : (await turned(wanted, outlook)).claimed
    },
    applyAndClaim: (command, claim) => turned({ command, claim }),
    start: (command) =>
      timed(command.at, async (within, at) => {
        const results: StartResult[] = []
        for (const item of command.items) results.push(await startOne(within, command, item, at, nothing))
        return results
      }),
    apply: async (command) => (await turned({ command, claim: null })).applied,
    renew: (command) => timed(command.at, (within, at) => renew(within, command, at, nothing)),
    post: (command) => timed(command.at, (within, at) => post(within, command, at, nothing)),
    limit: (command) => timed(command.at, (within, at) => limit(within, command, at, nothing)),
  }
}

async function admit(
  database: Database,
  command: AdmitCommand,
  at: number,
  context: WriteContext,
): Promise<AdmitResult[]> {
  const { items } = command
  const modelIds = [...new Set(items.map((item) => item.modelId))]
  const mayStart = items.some((item) => item.leaseToken !== null)
  const [accounts, { limits }, rows, models] = await Promise.all([
    holdAccounts(
      database,
      items.map((item) => item.userId),
    ),
    holdLimits(database, modelIds, mayStart),
    rowsOfKeys(database, items),
    loadModels(database, modelIds, at),
  ])
  const newSpots = new Map(
    items.map(({ modelId, priority }) => [
      aheadOfNewKey(modelId, priority),
      { modelId, turn: turnOf({ priority }), queuedAt: at, queueId: AFTER_ALL },
    ]),
  )
  const spots = [...newSpots, ...rows.filter(isWaiting).map((row) => [row.queueId, spotOf(row)] as const)]
  const ahead = await loadAhead<string | number>(database, spots, at)
  const books = new LoadedBooks({ accounts, limits, rows, models, ahead })
  const results = runAdmit(books, command, at)
  const realIds = await writeBooks(database, books, context)
  return results.map((result) => withRealId(result, realIds))
}

function withRealId(result: AdmitResult, realIds: ReadonlyMap<number, number>): AdmitResult {
  const real = result.queueId === undefined ? undefined : realIds.get(result.queueId)
  return real === undefined ? result : { ...result, queueId: real }
}

async function startOne(
  database: Database,
  command: StartCommand,
  item: StartCommand['items'][number],
  at: number,
  context: WriteContext,
): Promise<StartResult> {
  const owners = await ownersOf(database, [item.queueId])
  const [{ limits, runTimes }, { rows, lanes }] = await Promise.all([
    holdLimits(
      database,
      owners.map((owner) => owner.modelId),
    ),
    holdRows(
      database,
      owners.map((owner) => owner.queueId),
    ),
  ])
  const spots = rows.filter(isWaiting).map((row) => [row.queueId, spotOf(row)] as const)
  const books = new LoadedBooks({ limits, rows, ahead: await loadAhead(database, spots, at) })
  const [result] = runStart(books, { ...command, items: [item] }, at)
  await writeBooks(database, books, { ...context, lanes, runTimes })
  return result as StartResult
}

async function renew(
  database: Database,
  command: RenewCommand,
  at: number,
  context: WriteContext,
): Promise<RenewResult[]> {
  const { rows } = await holdRows(database, [...new Set(command.items.map((item) => item.queueId))])
  const books = new LoadedBooks({ rows })
  const results = runRenew(books, command, at)
  await writeBooks(database, books, context)
  return results
}

async function post(
  database: Database,
  command: PostCommand,
  at: number,
  context: WriteContext,
): Promise<PostResult[]> {
  const { items } = command
  const accounts = await holdAccounts(
    database,
    items.map((item) => item.userId),
  )
  const found = await database.rows(
    `SELECT "userId", "key", "kind", "amount" FROM "TicketLedger" WHERE ${items
      .map(() => '("userId" = ? AND "key" = ?)')
      .join(' OR ')}`,
    items.flatMap((item) => [item.userId, item.key]),
  )
  const posted = found.map((raw) => ({
    userId: String(raw.userId),
    key: String(raw.key),
    kind: raw.kind === 'revoke' ? ('revoke' as const) : ('grant' as const),
    amount: toNumber(raw.amount),
  }))
  const books = new LoadedBooks({ accounts, posted })
  const results = runPost(books, command, at)
  await writeBooks(database, books, context)
  return results
}

async function limit(
  database: Database,
  command: LimitCommand,
  at: number,
  context: WriteContext,
): Promise<Limit[]> {
  const modelIds = command.items.map((item) => item.modelId)
  // Defaults are created on every start: when all are there, nobody has to be held up.
  const known = (await readLimitRows(database, [...new Set(modelIds)])).map(toLimit)
  const settled = command.items.every((item) => item.onlyIfMissing) && known.length === new Set(modelIds).size
  const limits = settled ? known : (await holdLimits(database, modelIds)).limits
  const books = new LoadedBooks({ limits })
  const results = runLimit(books, command, at)
  await writeBooks(database, books, context)
  return results
}

async function loadAhead<Key>(
  database: Database,
  spots: readonly (readonly [Key, Spot])[],
  at: number,
): Promise<Map<Key, number>> {
  const counts = await countAhead(
    database,
    spots.map(([, spot]) => spot),
    at,
  )
  return new Map(spots.map(([key], index) => [key, counts[index] as number]))
}

const isWaiting = (row: GenerationRow) => row.completedAt === null && row.leaseToken === null

const spotOf = (row: GenerationRow): Spot => ({
  modelId: row.modelId,
  turn: turnOf(row),
  queuedAt: row.queuedAt,
  queueId: row.queueId,
})
