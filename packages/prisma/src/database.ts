import type { PrismaLike, RawClient, TransactionOptions } from './client.js'
import { retrying, storageError } from './failure.js'
import type { RawRow } from './row.js'
import type { Provider } from './schema/tables.js'
import { serially } from './serially.js'
import { sqliteFileOf } from './sqlite-file.js'

/**
 * Raw statements on one client. SQL is written once, with "identifiers" in double quotes and ? for values, and put into
 * the database's own spelling here.
 */
export interface Database {
  readonly provider: Provider
  rows(sql: string, values?: readonly unknown[]): Promise<readonly RawRow[]>
  /** The same in the database's own spelling, and whatever stops it is thrown as it came. */
  rowsOnce(sql: string, values: readonly unknown[]): Promise<readonly RawRow[]>
  run(sql: string, values?: readonly unknown[]): Promise<number>
  /** Everything in `body` or nothing; run again from its beginning when a deadlock or a busy file ended it. */
  transaction<Result>(body: (database: Database) => Promise<Result>): Promise<Result>
}

const TRANSACTION: Readonly<Record<Provider, TransactionOptions>> = {
  postgresql: { maxWait: 10_000, timeout: 30_000, isolationLevel: 'ReadCommitted' },
  // The default, REPEATABLE READ, would decide on what stood there when the transaction began.
  mysql: { maxWait: 10_000, timeout: 30_000, isolationLevel: 'ReadCommitted' },
  // Its adapters know no other level than their own.
  sqlite: { maxWait: 10_000, timeout: 30_000 },
}

/**
 * SQLite lets one write at a time, and a transaction that reads first and then writes fails at once when another wrote in
 * between. So each begins with a write, which changes nothing.
 */
const BEGIN_WRITING = 'UPDATE "ModelConcurrencyLimit" SET "paused" = "paused" WHERE 1 = 0'

/** Statements through the app's own client. */
export function databaseOf(client: PrismaLike, provider: Provider): Database {
  const inner = statements(client, provider, (run) => retrying(run))
  const begin = <Result>(body: (database: Database) => Promise<Result>) =>
    retrying(() =>
      client.$transaction(async (transaction) => {
        const database = databaseWithin(transaction, provider)
        if (provider === 'sqlite') await database.run(BEGIN_WRITING)
        return body(database)
      }, TRANSACTION[provider]),
    )
  if (provider !== 'sqlite') return { ...inner, transaction: begin }
  // Writers of one process would only wait for the file, and those of better-sqlite3 for ever: they do not let another go on.
  const alone = async <Result>(write: () => Promise<Result>) => serially(await sqliteFileOf(client), write)
  const runInside = (sql: string, values: readonly unknown[] = []) =>
    retrying(() =>
      client.$transaction(
        (transaction) => databaseWithin(transaction, provider).run(sql, values),
        TRANSACTION[provider],
      ),
    )
  return {
    ...inner,
    // A write outside a transaction that meets a busy file stays unfinished on libsql's connection: the next transaction
    // on it cannot commit, and keeps everybody from writing until the garbage collector closes it, half a minute later.
    run: (sql, values) => alone(() => runInside(sql, values)),
    transaction: (body) => alone(() => begin(body)),
  }
}

/** Statements inside a transaction that somebody else began and will end: nothing is tried again. */
export function databaseWithin(client: RawClient, provider: Provider): Database {
  const database: Database = {
    ...statements(client, provider, (run) => run()),
    transaction: (body) => body(database),
  }
  return database
}

type Attempt = <Result>(run: () => Promise<Result>) => Promise<Result>

function statements(client: RawClient, provider: Provider, attempt: Attempt): Omit<Database, 'transaction'> {
  return {
    provider,
    rows: (sql, values = []) =>
      attempt(async () => client.$queryRawUnsafe<RawRow[]>(spell(sql, provider), ...values)),
    rowsOnce: async (sql, values) => client.$queryRawUnsafe<RawRow[]>(sql, ...values),
    run: (sql, values = []) => attempt(async () => client.$executeRawUnsafe(spell(sql, provider), ...values)),
  }
}

const spellings: Readonly<Record<Provider, Map<string, string>>> = {
  postgresql: new Map(),
  mysql: new Map(),
  sqlite: new Map(),
}
/** Texts that differ only in how many values a list has are few; the bound is for what nobody foresaw. */
const SPELLINGS_MAX = 1_000

function spell(sql: string, provider: Provider): string {
  if (provider === 'sqlite') return sql
  const known = spellings[provider].get(sql)
  if (known !== undefined) return known
  let values = 0
  const spelled = provider === 'mysql' ? sql.replaceAll('"', '`') : sql.replaceAll('?', () => `$${++values}`)
  if (spellings[provider].size < SPELLINGS_MAX) spellings[provider].set(sql, spelled)
  return spelled
}

/** `?, ?, ?` for so many values. */
export const places = (values: readonly unknown[]): string => values.map(() => '?').join(', ')

/** Asks until what the database answers is final, in words that core understands. */
export async function named<Result>(run: () => Promise<Result>): Promise<Result> {
  try {
    return await run()
  } catch (error) {
    throw storageError(error)
  }
}
