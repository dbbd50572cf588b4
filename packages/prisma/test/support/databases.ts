import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PGlite } from '@electric-sql/pglite'
import type { PrismaLike, Provider } from '@genqueue/prisma'
import * as mariadb from 'mariadb'
import { Client } from 'pg'
import {
  adapterModule,
  type ClientClass,
  generatedClient,
  generatedFolder,
  type PrismaMajor,
} from './generate.js'

/** An empty database of our own, and clients of the app's kind on it. */
export interface TestDatabase {
  readonly provider: Provider
  readonly url: string
  /** A client with connections of its own, as another process would have. */
  connect(): Promise<TestClient>
  drop(): Promise<void>
}

export type TestClient = InstanceType<ClientClass>

type AdapterClass = new (...args: unknown[]) => unknown

const randomName = () => `genqueue_test_${randomBytes(6).toString('hex')}`

async function connected(
  provider: Provider,
  major: PrismaMajor,
  adapter: unknown,
  extra?: string,
): Promise<TestClient> {
  const PrismaClient = await generatedClient(provider, major, extra)
  return new PrismaClient({ adapter })
}

export interface DatabaseOptions {
  readonly major?: PrismaMajor
  /** Models of the app beside genqueue's, for the client's types of rows. */
  readonly extra?: string
}

export interface ServerOptions extends DatabaseOptions {
  /** Of the server's sessions. */
  readonly timeZone?: string
}

/** A client on the database at a URL, of Prisma 7: postgresql:, mariadb: or file:. */
export function clientAt(url: string): Promise<TestClient> {
  if (url.startsWith('file:')) return sqliteClient(url, 7)
  return url.startsWith('postgres') ? postgresClient(url, 7) : mariadbClient(url, 7)
}

function sqliteClient(url: string, major: PrismaMajor, extra?: string): Promise<TestClient> {
  return connected('sqlite', major, libsqlAdapter(url, major), extra)
}

/** On SQLite, of the generator that writes TypeScript; Prisma 7. */
export async function generatedModuleClient(url: string): Promise<TestClient> {
  const folder = await generatedFolder('sqlite', 7, '', 'prisma-client')
  const { PrismaClient } = (await import(join(folder, 'client.ts'))) as { PrismaClient: ClientClass }
  return new PrismaClient({ adapter: libsqlAdapter(url, 7) })
}

export function libsqlAdapter(url: string, major: PrismaMajor): unknown {
  const { PrismaLibSql, PrismaLibSQL } = adapterModule<Record<string, AdapterClass>>(
    major,
    '@prisma/adapter-libsql',
  )
  // Prisma 7 spells it anew.
  const Adapter = (PrismaLibSql ?? PrismaLibSQL) as AdapterClass
  return new Adapter({ url })
}

function postgresClient(url: string, major: PrismaMajor, extra?: string): Promise<TestClient> {
  const { PrismaPg } = adapterModule<{ PrismaPg: AdapterClass }>(major, '@prisma/adapter-pg')
  return connected('postgresql', major, new PrismaPg({ connectionString: url, max: 10 }), extra)
}

function mariadbClient(
  url: string,
  major: PrismaMajor,
  { extra, timeZone }: ServerOptions = {},
): Promise<TestClient> {
  const { hostname, port, username, password, pathname } = new URL(url)
  const { PrismaMariaDb } = adapterModule<{ PrismaMariaDb: AdapterClass }>(major, '@prisma/adapter-mariadb')
  const target = {
    host: hostname,
    port: Number(port || 3306),
    user: decodeURIComponent(username),
    password: decodeURIComponent(password),
    database: pathname.slice(1),
    connectionLimit: 10,
    ...(timeZone === undefined ? {} : { initSql: `SET time_zone = '${timeZone}'` }),
  }
  return connected('mysql', major, new PrismaMariaDb(target), extra)
}

export async function sqliteDatabase({ major = 7, extra }: DatabaseOptions = {}): Promise<TestDatabase> {
  const folder = mkdtempSync(join(tmpdir(), 'genqueue-sqlite-'))
  const url = `file:${join(folder, 'test.db')}`
  return {
    provider: 'sqlite',
    url,
    connect: () => sqliteClient(url, major, extra),
    drop: async () => rmSync(folder, { recursive: true, force: true }),
  }
}

export async function postgresDatabase(
  serverUrl: string,
  { major = 7, timeZone, extra }: ServerOptions = {},
): Promise<TestDatabase> {
  const name = randomName()
  const admin = async (sql: string) => {
    const client = new Client({ connectionString: serverUrl })
    await client.connect()
    try {
      await client.query(sql)
    } finally {
      await client.end()
    }
  }
  await admin(`CREATE DATABASE ${name}`)
  if (timeZone !== undefined) await admin(`ALTER DATABASE ${name} SET timezone TO '${timeZone}'`)
  const url = new URL(serverUrl)
  url.pathname = name
  return {
    provider: 'postgresql',
    url: url.href,
    connect: () => postgresClient(url.href, major, extra),
    drop: () => admin(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`),
  }
}

/** PostgreSQL in this process: one connection, which every client of it shares. */
export async function pgliteDatabase({ extra }: DatabaseOptions = {}): Promise<TestDatabase> {
  const pglite = await PGlite.create()
  const { PrismaPGlite } = adapterModule<{ PrismaPGlite: AdapterClass }>(7, 'pglite-prisma-adapter')
  const client = await connected('postgresql', 7, new PrismaPGlite(pglite), extra)
  return {
    provider: 'postgresql',
    url: 'pglite:',
    connect: async () => client,
    drop: async () => {
      await client.$disconnect()
      if (!pglite.closed) await pglite.close()
    },
  }
}

export async function mariadbDatabase(
  serverUrl: string,
  { major = 7, ...options }: ServerOptions = {},
): Promise<TestDatabase> {
  const name = randomName()
  const admin = async (sql: string) => {
    const connection = await mariadb.createConnection(serverUrl.replace(/^mysql:/, 'mariadb:'))
    try {
      await connection.query(sql)
    } finally {
      await connection.end()
    }
  }
  await admin(`CREATE DATABASE ${name}`)
  const url = new URL(serverUrl)
  url.pathname = name
  return {
    provider: 'mysql',
    url: url.href,
    connect: () => mariadbClient(url.href, major, options),
    drop: () => admin(`DROP DATABASE IF EXISTS ${name}`),
  }
}

const TABLE_NAMES = [
  'ModelConcurrencyLimit',
  'GenerationQueue',
  'Ticket',
  'TicketLedger',
  'GenerationRollup',
  'GenerationCount',
  'GenerationBucket',
]

/** Removes every row: cheaper between two cases than new tables. */
export async function emptyTables(client: PrismaLike, provider: Provider): Promise<void> {
  if (provider === 'postgresql') {
    await client.$executeRawUnsafe(`TRUNCATE ${TABLE_NAMES.map((name) => `"${name}"`).join(', ')}`)
    return
  }
  const quote = provider === 'mysql' ? '`' : '"'
  for (const name of TABLE_NAMES) await client.$executeRawUnsafe(`DELETE FROM ${quote}${name}${quote}`)
}
