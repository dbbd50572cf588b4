import { createQueue } from '@genqueue/core'
import { migrate, type PrismaLike, prismaStorage } from '@genqueue/prisma'
import { afterEach, describe, expect, it } from 'vitest'
import { sqliteDatabase, type TestClient, type TestDatabase } from './support/databases.js'

const request = { userId: 'ada', modelId: 'm', prompt: 'a lighthouse' }

/** Counts transactions that are open at once, of all clients that it is given. */
class Watch {
  #open = 0
  most = 0

  over(client: TestClient): PrismaLike {
    return {
      $queryRawUnsafe: (sql, ...values) => client.$queryRawUnsafe(sql, ...values),
      $executeRawUnsafe: (sql, ...values) => client.$executeRawUnsafe(sql, ...values),
      $transaction: async (body, options) => {
        this.most = Math.max(this.most, ++this.#open)
        return client.$transaction(body, options).finally(() => this.#open--)
      },
    }
  }
}

describe('writers of one process on SQLite', () => {
  const databases: TestDatabase[] = []
  afterEach(async () => {
    for (const database of databases.splice(0)) await database.drop()
  })
  const clientsOn = async (database: TestDatabase, count: number) => {
    databases.push(database)
    const clients = await Promise.all(Array.from({ length: count }, () => database.connect()))
    await migrate(clients[0] as TestClient)
    return clients
  }
  const enqueueOn = async (clients: readonly TestClient[]) => {
    const watch = new Watch()
    const queues = clients.map((client) => {
      const storage = prismaStorage(watch.over(client), { provider: 'sqlite' })
      return createQueue({ storage, models: { m: 5 }, tickets: false })
    })
    await Promise.all(
      queues.map(async (queue) => {
        for (let i = 0; i < 10; i++) await queue.enqueue(request)
      }),
    )
    await Promise.all(queues.map((queue) => queue.close()))
    await Promise.all(clients.map((client) => client.$disconnect()))
    return watch.most
  }

  // With better-sqlite3 the second would keep the first from going on, for the five seconds that it waits.
  it('take turns on a file, whichever client they have', async () => {
    expect(await enqueueOn(await clientsOn(await sqliteDatabase(), 3))).toBe(1)
  })

  it('do not wait for those of another file', async () => {
    const clients = await Promise.all([1, 2].map(async () => clientsOn(await sqliteDatabase(), 1)))
    expect(await enqueueOn(clients.flat())).toBe(2)
  })
})
