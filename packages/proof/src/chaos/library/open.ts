import type { Storage } from '@genqueue/core'

/** A storage of genqueue as an app opens it, and how to let go of its connections. */
export interface Opened {
  readonly storage: Storage
  close(): Promise<void>
}

/** Longest wait for a connection of the app's pool. */
const CONNECT_MS = 5_000
const CONNECTIONS = 6

export async function openRedis(port: number): Promise<Opened> {
  const { redisStorage } = await import('@genqueue/redis')
  return {
    storage: redisStorage({ url: `redis://127.0.0.1:${port}`, warn: () => {} }),
    close: async () => {},
  }
}

export async function openPostgres(connectionString: string): Promise<Opened> {
  const { PrismaPg } = await import('@prisma/adapter-pg')
  const adapter = new PrismaPg({
    connectionString,
    max: CONNECTIONS,
    connectionTimeoutMillis: CONNECT_MS,
  })
  return openPrisma('postgresql', adapter)
}

/**
 * With a pool of its own: mariadb 3.4.5, which the adapter brings, ends the process when a connection breaks between two
 * statements (mariadb-connector-nodejs #323, repaired by its #328).
 */
export async function openMariadb(port: number, database: string): Promise<Opened> {
  const { PrismaMariaDb } = await import('@prisma/adapter-mariadb')
  const { createPool } = await import('mariadb')
  const pool = createPool({
    host: '127.0.0.1',
    port,
    user: 'root',
    database,
    connectionLimit: CONNECTIONS,
    acquireTimeout: CONNECT_MS,
    // As the adapter sets it for pools that it makes.
    prepareCacheLength: 0,
  })
  // The same shape by another version's types.
  const accepted = pool as unknown as ConstructorParameters<typeof PrismaMariaDb>[0]
  return openPrisma('mysql', new PrismaMariaDb(accepted, { database, disposeExternalPool: true }))
}

export async function openSqlite(url: string): Promise<Opened> {
  const { PrismaLibSql } = await import('@prisma/adapter-libsql')
  return openPrisma('sqlite', new PrismaLibSql({ url }))
}

/** Creates what is missing of the tables, as the README advises to do at every start. */
async function openPrisma(provider: 'postgresql' | 'mysql' | 'sqlite', adapter: unknown): Promise<Opened> {
  const { migrate, prismaStorage } = await import('@genqueue/prisma')
  const { appClient } = await import('./prisma-client.js')
  const client = await appClient(provider, adapter)
  await migrate(client)
  // Otherwise who reads holds up who writes, from one process to the other.
  if (provider === 'sqlite') await client.$queryRawUnsafe('PRAGMA journal_mode = WAL')
  return { storage: prismaStorage(client), close: () => client.$disconnect() }
}
