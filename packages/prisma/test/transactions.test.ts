import { createQueue, type Queue } from '@genqueue/core'
import { migrate, prismaStorage } from '@genqueue/prisma'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import {
  emptyTables,
  mariadbDatabase,
  pgliteDatabase,
  postgresDatabase,
  sqliteDatabase,
  type TestClient,
  type TestDatabase,
} from './support/databases.js'
import { findMariadb, findPostgres } from './support/servers.js'

const postgres = await findPostgres()
const mariadb = await findMariadb()
afterAll(() => Promise.all([postgres?.release(), mariadb?.release()]))

const ON: readonly { name: string; open: (() => Promise<TestDatabase>) | null }[] = [
  { name: 'SQLite', open: () => sqliteDatabase() },
  { name: 'PGlite', open: () => pgliteDatabase() },
  { name: 'PostgreSQL', open: postgres && (() => postgresDatabase(postgres.url)) },
  { name: 'PostgreSQL, Prisma 6', open: postgres && (() => postgresDatabase(postgres.url, { major: 6 })) },
  { name: 'MariaDB', open: mariadb && (() => mariadbDatabase(mariadb.url)) },
]

class RolledBack extends Error {}

const request = { userId: 'ada', modelId: 'flux-2-pro', prompt: 'a lighthouse', ticketCost: 2 }

for (const { name, open } of ON) {
  describe.skipIf(open === null)(`using(tx) on ${name}`, () => {
    let database: TestDatabase
    let client: TestClient
    let queue: Queue
    beforeAll(async () => {
      database = await (open as () => Promise<TestDatabase>)()
      client = await database.connect()
      await migrate(client)
      const quote = database.provider === 'mysql' ? '`' : '"'
      await client.$executeRawUnsafe(
        `CREATE TABLE ${quote}Order${quote} (${quote}id${quote} INTEGER NOT NULL)`,
      )
    })
    beforeEach(async () => {
      await emptyTables(client, database.provider)
      queue = createQueue({ storage: prismaStorage(client) })
    })
    afterAll(() => database.drop())

    const insertOrder = spelled('INSERT INTO "Order" ("id") VALUES (1)')
    const countOrders = async () => {
      const [row] = await client.$queryRawUnsafe<{ n: unknown }[]>(
        spelled('SELECT COUNT(*) AS "n" FROM "Order"')(),
      )
      return Number(row?.n)
    }
    function spelled(sql: string) {
      return () => (database.provider === 'mysql' ? sql.replaceAll('"', '`') : sql)
    }

    it('commits the order and its generation together, and tells it then', async () => {
      await queue.tickets.grant('ada', 5)
      const heard: number[] = []
      queue.on('queued', ({ queueId }) => heard.push(queueId))
      const before = await countOrders()
      const within = await client.$transaction(async (tx) => {
        await tx.$executeRawUnsafe(insertOrder())
        const inside = queue.using(tx)
        const { queueId, position } = await inside.enqueue(request)
        return { inside, queueId, position }
      })
      expect([await countOrders(), within.position, heard]).toEqual([before + 1, 1, []])
      within.inside.committed()
      expect(heard).toEqual([within.queueId])
      expect(await queue.tickets.account('ada')).toMatchObject({ balance: 5, reserved: 2 })
      expect((await queue.status(within.queueId)).status).toBe('queued')
      expect((await queue.verify()).findings).toEqual([])
    })

    it('leaves nothing of what was rolled back', async () => {
      await queue.tickets.grant('ada', 5)
      const before = await countOrders()
      const rolledBack = client.$transaction(async (tx) => {
        await tx.$executeRawUnsafe(insertOrder())
        const inside = queue.using(tx)
        await inside.tickets.grant('ada', 50)
        await inside.enqueueMany([request, { ...request, prompt: 'another' }])
        throw new RolledBack()
      })
      await expect(rolledBack).rejects.toBeInstanceOf(RolledBack)
      expect(await countOrders()).toBe(before)
      expect(await queue.tickets.account('ada')).toMatchObject({ balance: 5, reserved: 0 })
      expect((await queue.list({})).generations).toEqual([])
      expect((await queue.verify()).findings).toEqual([])
    })

    it('works as the first thing a queue does, refuses as the queue does, and cancels with a refund', async () => {
      const fresh = createQueue({ storage: prismaStorage(client) })
      await client.$transaction(async (tx) => {
        const inside = fresh.using(tx)
        await expect(inside.enqueue(request)).rejects.toMatchObject({ code: 'INSUFFICIENT_TICKETS' })
        await inside.tickets.grant('ada', 2)
        const { queueId } = await inside.enqueue(request)
        await expect(inside.enqueue(request)).rejects.toMatchObject({ code: 'INSUFFICIENT_TICKETS' })
        expect(await inside.cancel(queueId)).toMatchObject({ status: 'cancelled' })
        expect(await inside.tickets.account('ada')).toMatchObject({ balance: 2, reserved: 0 })
      })
      expect(await fresh.tickets.account('ada')).toMatchObject({ balance: 2, reserved: 0 })
      expect((await fresh.verify()).findings).toEqual([])
    })

    it('refuses what is no transaction', () => {
      expect(() => queue.using({})).toThrow(/\$transaction/)
    })
  })
}
