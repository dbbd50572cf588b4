import type { Storage } from '@genqueue/core'
import { processWide } from '@genqueue/next'
import { migrate, type PrismaLike, prismaStorage } from '@genqueue/prisma'
import { redisStorage } from '@genqueue/redis'
import { PrismaLibSql } from '@prisma/adapter-libsql'
import { PrismaPg } from '@prisma/adapter-pg'
import { PrismaClient as PostgresClient } from '../generated/postgresql/client'
import { PrismaClient as SqliteClient } from '../generated/sqlite/client'

interface Opened {
  readonly storage: Storage
  readonly prisma: PrismaLike | null
}

/**
 * Where everything is kept: Redis when REDIS_URL is set, the database of DATABASE_URL, and otherwise an SQLite file beside
 * the app. Nothing is connected to before it is used.
 */
const opened = () =>
  processWide('studio.storage', (): Opened => {
    const { REDIS_URL, DATABASE_URL } = process.env
    if (REDIS_URL) return { storage: redisStorage({ url: REDIS_URL, prefix: 'studio' }), prisma: null }
    const prisma = openDatabase(DATABASE_URL || 'file:./studio.db')
    return { storage: prismaStorage(prisma), prisma }
  })

function openDatabase(url: string): PrismaLike {
  if (url.startsWith('file:')) return new SqliteClient({ adapter: new PrismaLibSql({ url }) })
  if (/^postgres(ql)?:/.test(url))
    return new PostgresClient({ adapter: new PrismaPg({ connectionString: url }) })
  // The rest of it may hold a password.
  const [protocol] = url.split(':')
  throw new Error(`DATABASE_URL must begin with file: or postgresql:, not with "${protocol}:"`)
}

export const openStorage = (): Storage => opened().storage

/** Creates the tables where there are any to create. */
export async function prepareStorage(): Promise<void> {
  const { prisma } = opened()
  if (prisma !== null) await migrate(prisma)
}
