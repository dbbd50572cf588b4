import { join } from 'node:path'
import type { Evidence } from './evidence/evidence.js'
import { redisEvidence } from './evidence/redis.js'
import { mariadbEvidence, postgresEvidence, sqliteEvidence } from './evidence/sql.js'
import { type Opened, openMariadb, openPostgres, openRedis, openSqlite } from './library/open.js'
import { mariadbServer } from './servers/mariadb.js'
import { postgresServer } from './servers/postgres.js'
import { redisServer } from './servers/redis.js'
import type { Server } from './servers/server.js'

/** Where a database is: the port of its server (or of a proxy before it), and the folder of a run. */
export interface Place {
  readonly port: number
  readonly folder: string
}

/** What a run needs to know of one storage. */
export interface StorageKind {
  readonly label: string
  /** Files go into the folder; null where the storage is a file and there is no server. */
  readonly server: ((folder: string) => Promise<Server>) | null
  /** For the processes that use the library: only here is anything of genqueue loaded. */
  open(place: Place): Promise<Opened>
  /** For the observer, without the library. */
  evidence(place: Place): Evidence
}

const postgresUrl = (port: number) => `postgresql://postgres@127.0.0.1:${port}/postgres`
const sqliteUrl = (folder: string) => `file:${join(folder, 'chaos.db')}`
/** Every MariaDB server has it, and it is empty in a new one. */
const MARIADB_DATABASE = 'test'

export const STORAGES = {
  redis: {
    label: 'Redis, append-only file synced',
    server: redisServer,
    open: ({ port }) => openRedis(port),
    evidence: ({ port }) => redisEvidence(port),
  },
  postgres: {
    label: 'PostgreSQL through Prisma',
    server: postgresServer,
    open: ({ port }) => openPostgres(postgresUrl(port)),
    evidence: ({ port }) => postgresEvidence(postgresUrl(port)),
  },
  mysql: {
    label: 'MariaDB through Prisma',
    server: mariadbServer,
    open: ({ port }) => openMariadb(port, MARIADB_DATABASE),
    evidence: ({ port }) => mariadbEvidence(port, MARIADB_DATABASE),
  },
  sqlite: {
    label: 'SQLite through Prisma',
    server: null,
    open: ({ folder }) => openSqlite(sqliteUrl(folder)),
    evidence: ({ folder }) => sqliteEvidence(sqliteUrl(folder)),
  },
} as const satisfies Record<string, StorageKind>

export type StorageName = keyof typeof STORAGES
export const STORAGE_NAMES = Object.keys(STORAGES) as StorageName[]
