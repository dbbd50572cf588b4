import { migrate, prismaStorage, type WakeUps } from '@genqueue/prisma'
import { PrismaPg } from '@prisma/adapter-pg'
import pg from 'pg'
import type { OpenSubject, Subject } from '../contender.js'
import { type BullmqOptions, bullmqOnPostgres } from '../peers/bullmq.js'
import { genqueueSubject, openQueue } from '../peers/genqueue.js'
import { type GraphileWorkerOptions, openGraphileWorker } from '../peers/graphile-worker.js'
import { openPgBoss, type PgBossOptions } from '../peers/pg-boss.js'
import type { AppClient, AppClientClass } from '../prisma-client.js'
import { createDatabase } from './server.js'

/** Of the pool of every contender; the cap and the batches are 50, and two cores serve them. */
export const CONNECTIONS = 10

const inOwnDatabase =
  (open: (url: string) => Promise<Subject>): OpenSubject =>
  async () => {
    const database = await createDatabase()
    const subject = await open(database.url)
    return {
      ...subject,
      async close() {
        await subject.close()
        await database.drop()
      },
    }
  }

/** An app's client on an empty database with genqueue's tables. */
export async function openClient(Client: AppClientClass, connectionString: string): Promise<AppClient> {
  const client = new Client({ adapter: new PrismaPg({ connectionString, max: CONNECTIONS }) })
  await migrate(client)
  return client
}

export const genqueue = (Client: AppClientClass): OpenSubject =>
  inOwnDatabase(async (url) => {
    const client = await openClient(Client, url)
    return genqueueSubject(await openQueue(prismaStorage(client)), { remove: () => client.$disconnect() })
  })

/** Producer and worker have nothing in common but the database: as in two processes. */
export const genqueueApart = (Client: AppClientClass): OpenSubject =>
  inOwnDatabase(async (url) => {
    const clients = [await openClient(Client, url), await openClient(Client, url)] as const
    const wakeUps = listening(url)
    const producer = await openQueue(prismaStorage(clients[0], { wakeUps }))
    const consumer = await openQueue(prismaStorage(clients[1], { wakeUps }))
    const remove = () => Promise.all(clients.map((client) => client.$disconnect()))
    return genqueueSubject(producer, { consumer, remove })
  })

/** As the README of @genqueue/prisma shows it. */
const listening = (connectionString: string): WakeUps => ({
  async listen(channel, onPayload) {
    const client = new pg.Client({ connectionString })
    await client.connect()
    client.on('notification', ({ payload }) => onPayload(payload ?? ''))
    await client.query(`LISTEN "${channel}"`)
    return () => client.end()
  },
})

export const pgBoss = (options: PgBossOptions): OpenSubject =>
  inOwnDatabase((url) => openPgBoss(url, CONNECTIONS, options))
export const graphileWorker = (options: GraphileWorkerOptions): OpenSubject =>
  inOwnDatabase((url) => openGraphileWorker(url, CONNECTIONS, options))
export const bullmq = (options: BullmqOptions): OpenSubject =>
  inOwnDatabase((url) => bullmqOnPostgres(url, CONNECTIONS, options))
