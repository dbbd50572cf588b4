import type { Storage } from '@genqueue/core'
import { migrate, type PrismaLike, prismaStorage } from '@genqueue/prisma'
import { redisStorage } from '@genqueue/redis'
import { PrismaLibSql } from '@prisma/adapter-libsql'
import { PrismaPg } from '@prisma/adapter-pg'
import { PrismaClient } from '../generated/client'
import { processWide } from './process-wide'

interface Opened {
  readonly storage: Storage
  readonly prisma: PrismaLike | null
}

/**
 * Where everything is kept: Redis when REDIS_URL is set, PostgreSQL when DATABASE_URL is, and otherwise an SQLite file
 * beside the app. Nothing is connected to before it is used.
 */
const opened = () =>
  processWide('storage', (): Opened => {
    const { REDIS_URL, DATABASE_URL } = process.env
    if (REDIS_URL) return { storage: redisStorage({ url: REDIS_URL, prefix: 'studio' }), prisma: null }
    const adapter = DATABASE_URL?.startsWith('postgres')
      ? new PrismaPg({ connectionString: DATABASE_URL })
      : new PrismaLibSql({ url: DATABASE_URL ?? 'file:./studio.db' })
    const prisma = new PrismaClient({ adapter }) as unknown as PrismaLike
    return { storage: prismaStorage(prisma), prisma }
  })

export const openStorage = (): Storage => opened().storage

/** Creates the tables where there are any to create. */
export async function prepareStorage(): Promise<void> {
  const { prisma } = opened()
  if (prisma !== null) await migrate(prisma)
}
