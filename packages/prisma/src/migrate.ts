import { type PrismaLike, providerOf } from './client.js'
import { type Database, databaseOf, named, places } from './database.js'
import { createStatements } from './schema/ddl.js'
import { type Provider, TABLES } from './schema/tables.js'

/** Any number will do, as long as it is always the same: who migrates at the same time waits. */
const LOCK = 7_112_026

/**
 * Creates what is missing of genqueue's tables through your own client: no engine, no CLI. Safe to run again, and from
 * several processes at once. On MySQL it also gives tables that `prisma db push` made the collation they need.
 */
export async function migrate(
  client: PrismaLike,
  options: { readonly provider?: Provider } = {},
): Promise<void> {
  const provider = providerOf(client, options.provider)
  const database = databaseOf(client, provider)
  await named(async () => {
    // MySQL ends a transaction with every such statement; each of them stands for itself there.
    if (provider === 'mysql') return migrateMysql(database)
    if (provider === 'sqlite') return runAll(database, createStatements(provider))
    return database.transaction(async (within) => {
      await within.rows(`SELECT 1 AS "one" FROM (SELECT pg_advisory_xact_lock(${LOCK})) AS "held"`)
      await runAll(within, createStatements(provider))
    })
  })
}

async function runAll(database: Database, statements: readonly string[]): Promise<void> {
  for (const statement of statements) await database.run(statement)
}

async function migrateMysql(database: Database): Promise<void> {
  const [row] = await database.rows('SELECT VERSION() AS "version"')
  // The one of this server that takes 'a' and 'a ' for different ids.
  const collation = String(row?.version).includes('MariaDB') ? 'utf8mb4_nopad_bin' : 'utf8mb4_0900_bin'
  await runAll(database, createStatements('mysql', collation))
  for (const table of await looselyCollated(database)) {
    await database.run(`ALTER TABLE "${table}" CONVERT TO CHARACTER SET utf8mb4 COLLATE ${collation}`)
  }
}

/** Tables of ours, on MySQL, that take ids for the same which differ in case or accents, as `prisma db push` makes them. */
export async function looselyCollated(database: Database): Promise<string[]> {
  const found = await database.rows(
    `SELECT TABLE_NAME AS "name", TABLE_COLLATION AS "collation" FROM information_schema.TABLES
     WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME IN (${places(TABLES)})`,
    TABLES.map((table) => table.name),
  )
  return found.filter((raw) => !String(raw.collation).endsWith('_bin')).map((raw) => String(raw.name))
}
