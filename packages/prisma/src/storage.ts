import {
  type ApplyResult,
  type ClaimCommand,
  type GenerationRow,
  type Storage,
  StorageError,
} from '@genqueue/core'
import { LANES } from './buckets.js'
import { type PrismaLike, providerOf, type RawClient } from './client.js'
import type { Commands } from './commands.js'
import { type Database, databaseOf, databaseWithin, named } from './database.js'
import { mend } from './mend.js'
import { looselyCollated } from './migrate.js'
import { postgresqlCommands } from './postgresql/commands.js'
import { purge } from './purge.js'
import { readAccounts, readLedger, readLimitRows, readRollups, toLimit } from './reads/books.js'
import { readClock } from './reads/clock.js'
import { listPage } from './reads/list.js'
import { readPositions } from './reads/position.js'
import { readDue, readHeld, readRows } from './reads/rows.js'
import { readAudit, readStats } from './reads/stats.js'
import type { Provider } from './schema/tables.js'
import { transactionalCommands } from './transactional/commands.js'
import { announcing, listen, Notifier, notify, payloadOf, type WakeUps } from './wake-ups.js'

export interface PrismaStorageOptions {
  /** Which database the client speaks to. Default: what the client says. */
  readonly provider?: Provider
  /** PostgreSQL only: how to hear of other processes at once. Without it workers poll: fast while busy, slowly while idle. */
  readonly wakeUps?: WakeUps
}

const BATCH_MAX = 200

/**
 * A storage in the database behind your Prisma client (Prisma 6 or 7, extended or not), in the tables that
 * `genqueue-prisma init` adds to your schema. It never opens or closes the client.
 *
 * @throws StorageError when the client does not say which database it speaks to, or it is none of PostgreSQL, MySQL
 * (MariaDB) and SQLite.
 */
export function prismaStorage(client: PrismaLike, options: PrismaStorageOptions = {}): Storage {
  const provider = providerOf(client, options.provider)
  // No secret depends on it: it only spreads the writers.
  const lane = Math.floor(Math.random() * LANES)
  const { wakeUps } = options
  if (wakeUps !== undefined && provider !== 'postgresql') {
    throw new StorageError(`prismaStorage: wakeUps needs PostgreSQL; ${provider} cannot notify`, {
      transient: false,
    })
  }
  const database = databaseOf(client, provider)
  const commands = commandsOn(database, lane)
  const within = (transaction: unknown) => {
    const inside = databaseWithin(asTransaction(transaction), provider)
    const tell = (modelIds: readonly string[]) => notify(inside, payloadOf(modelIds))
    const insideCommands = transactionalCommands(inside, lane)
    return storageOn(inside, lane, wakeUps === undefined ? insideCommands : announcing(insideCommands, tell))
  }
  if (wakeUps === undefined) return { ...storageOn(database, lane, commands), within }
  const notifier = new Notifier(database)
  const storage = storageOn(
    database,
    lane,
    announcing(commands, (modelIds) => notifier.tell(modelIds)),
  )
  return {
    ...storage,
    supports: { ...storage.supports, listen: true },
    listen: (wake) => named(() => listen(wakeUps, wake)),
    async close() {
      await storage.close()
      await notifier.close()
    },
    within,
  }
}

function asTransaction(value: unknown): RawClient {
  const { $queryRawUnsafe, $executeRawUnsafe } = (value ?? {}) as Partial<RawClient>
  if (typeof $queryRawUnsafe === 'function' && typeof $executeRawUnsafe === 'function')
    return value as RawClient
  throw new StorageError(
    'using(tx): pass the client that prisma.$transaction(async (tx) => ...) gives to its callback',
    { transient: false },
  )
}

function storageOn(database: Database, lane: number, commands: Commands): Storage {
  let closed = false
  const run = async <Result>(command: () => Promise<Result>): Promise<Result> => {
    if (closed) throw new StorageError('the storage is closed', { transient: false })
    return named(command)
  }
  const at = async (given: number | undefined) => given ?? readClock(database)
  const batch = <Command extends { readonly items: readonly unknown[] }, Result>(
    command: Command,
    carryOut: (command: Command) => Promise<Result[]>,
  ): Promise<Result[]> => run(async () => (command.items.length === 0 ? [] : carryOut(command)))

  return {
    name: database.provider,
    supports: {
      shared: true,
      durable: true,
      listen: false,
      transactions: true,
      batchMax: BATCH_MAX,
      batchesInFlight: 1,
    },
    open: () => run(() => look(database)),
    async close() {
      closed = true
    },
    now: () => run(() => readClock(database)),

    admit: (command) => batch(command, commands.admit),
    claim: (command) => run(() => recalling(database, command, (claim) => commands.claim(claim))),
    applyAndClaim: (command, claim) =>
      run(async () => {
        let applied: ApplyResult[] = []
        const claimed = await recalling(database, claim, async (rest) => {
          const done = await commands.applyAndClaim(command, rest)
          applied = done.applied
          return done.claimed
        })
        return { applied, claimed }
      }),
    start: (command) => batch(command, commands.start),
    apply: (command) => batch(command, commands.apply),
    renew: (command) => batch(command, commands.renew),
    post: (command) => batch(command, commands.post),
    limit: (command) => batch(command, commands.limit),
    purge: (command) => run(() => purge(database, command, lane)),
    mend: (command) => run(() => mend(database, command)),

    get: (queueIds) => run(() => readRows(database, queueIds)),
    list: (query) => run(() => listPage(database, query)),
    positions: (command) => run(async () => readPositions(database, command.queueIds, await at(command.at))),
    due: (query) => run(async () => readDue(database, query, await at(query.at))),
    stats: (query) => run(async () => readStats(database, query.modelIds, await at(query.at))),
    rollups: (query) => run(() => readRollups(database, query)),
    accounts: (userIds) => run(() => readAccounts(database, userIds)),
    ledger: (query) => run(() => readLedger(database, query)),
    limits: () => run(async () => (await readLimitRows(database, null)).map(toLimit)),
    audit: (query) => run(() => readAudit(database, query)),
  }
}

/** What an earlier sending took under the claim's tokens, and what is claimed under those that are left. */
async function recalling(
  database: Database,
  command: ClaimCommand,
  claim: (command: ClaimCommand) => Promise<GenerationRow[]>,
): Promise<GenerationRow[]> {
  const taken = command.again ? await readHeld(database, command.tokens) : []
  const tokens = command.tokens.filter((token) => !taken.some((row) => row.leaseToken === token))
  return [...taken, ...(await claim({ ...command, tokens }))]
}

/** Finds out whether the database is there and has tables that will do. */
async function look(database: Database): Promise<void> {
  await database.rows('SELECT "modelId" FROM "ModelConcurrencyLimit" LIMIT 1')
  const loose = database.provider === 'mysql' ? await looselyCollated(database) : []
  if (loose.length === 0) return
  throw new StorageError(
    `the collation of ${loose.join(', ')} takes "Ada" and "ada" for one user; run \`npx genqueue-prisma migrate\`, which converts it`,
    { transient: false },
  )
}

/** In a transaction of the app's a statement that fails would end all of it: there every command goes step by step. */
const commandsOn = (database: Database, lane: number): Commands =>
  database.provider === 'postgresql'
    ? postgresqlCommands(database, lane)
    : transactionalCommands(database, lane)
