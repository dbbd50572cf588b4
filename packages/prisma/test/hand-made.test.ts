import { createQueue, type Queue } from '@genqueue/core'
import { migrate, prismaStorage } from '@genqueue/prisma'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import {
  emptyTables,
  mariadbDatabase,
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
  { name: 'SQLite, Prisma 6', open: () => sqliteDatabase({ major: 6 }) },
  { name: 'PostgreSQL', open: postgres && (() => postgresDatabase(postgres.url)) },
  { name: 'MariaDB', open: mariadb && (() => mariadbDatabase(mariadb.url)) },
]

/** What the guide's own code uses of the app's client. */
interface GuideClient {
  readonly modelConcurrencyLimit: {
    update(change: {
      where: { modelId: string }
      data: { currentActive: { increment: number } | { decrement: number } }
    }): Promise<{ currentActive: number }>
  }
}

const model = 'flux-2-pro'
const request = { userId: 'ada', modelId: model, prompt: 'a lighthouse' }

for (const { name, open } of ON) {
  describe.skipIf(open === null)(`currentActive changed by hand on ${name}`, () => {
    let database: TestDatabase
    let client: TestClient
    let prisma: TestClient & GuideClient
    let queue: Queue
    beforeAll(async () => {
      database = await (open as () => Promise<TestDatabase>)()
      client = await database.connect()
      prisma = client as TestClient & GuideClient
      await migrate(client)
    })
    beforeEach(async () => {
      await emptyTables(client, database.provider)
      queue = createQueue({ storage: prismaStorage(client) })
      await queue.limits.initialize()
      await queue.tickets.grant('ada', 10)
    })
    afterAll(() => database.drop())

    const spelled = (sql: string) => (database.provider === 'mysql' ? sql.replaceAll('"', '`') : sql)
    const takeByHand = () =>
      prisma.modelConcurrencyLimit.update({
        where: { modelId: model },
        data: { currentActive: { increment: 1 } },
      })
    const freeByHand = () =>
      prisma.modelConcurrencyLimit.update({
        where: { modelId: model },
        data: { currentActive: { decrement: 1 } },
      })

    it('takes and frees slots that admission respects', async () => {
      await takeByHand()
      await takeByHand()
      expect(await queue.canProcess(model)).toBe(false)
      await queue.enqueue(request)
      expect(await queue.claim({ models: [model], max: 5 })).toEqual([])
      await freeByHand()
      const [claimed, ...others] = await queue.claim({ models: [model], max: 5 })
      expect([claimed?.attempt, others]).toEqual([1, []])
      await queue.complete(claimed?.queueId as number, 'https://img.example/x.png', { lease: claimed?.lease })
      expect((await queue.limits.get(model))?.active).toBe(1)
      await freeByHand()
      expect(await queue.canProcess(model)).toBe(true)
    })

    it('below nothing counts as nothing', async () => {
      await freeByHand()
      for (let i = 0; i < 4; i++) await queue.enqueue(request)
      expect(await queue.claim({ models: [model], max: 5 })).toHaveLength(2)
    })

    it('reset to 0 while generations run is found, survived and put right', async () => {
      for (let i = 0; i < 3; i++) await queue.enqueue(request)
      const running = await queue.claim({ models: [model], max: 5 })
      expect(running).toHaveLength(2)
      await client.$executeRawUnsafe(
        spelled(`UPDATE "ModelConcurrencyLimit" SET "currentActive" = 0 WHERE "modelId" = '${model}'`),
      )
      expect((await queue.verify()).findings).toMatchObject([
        { trouble: 'capacity_drift', subject: { modelId: model } },
      ])
      await queue.repair()
      expect((await queue.limits.get(model))?.active).toBe(2)
      expect((await queue.verify()).findings).toEqual([])
      expect(await queue.claim({ models: [model], max: 5 })).toEqual([])
      for (const { queueId, lease } of running) {
        await queue.complete(queueId, 'https://img.example/x.png', { lease })
      }
      expect((await queue.limits.get(model))?.active).toBe(0)
    })

    it('an account opened and a limit made by hand are taken as they are', async () => {
      await client.$executeRawUnsafe(spelled(`INSERT INTO "Ticket" ("userId", "balance") VALUES ('bob', 3)`))
      await client.$executeRawUnsafe(
        spelled(
          `INSERT INTO "ModelConcurrencyLimit" ("modelId", "modelType", "maxConcurrent") VALUES ('own', 'image', 1)`,
        ),
      )
      await queue.enqueue({ userId: 'bob', modelId: 'own', prompt: 'x', ticketCost: 2 })
      expect(await queue.tickets.account('bob')).toMatchObject({ balance: 3, reserved: 2 })
      await queue.repair()
      expect((await queue.verify()).findings).toEqual([])
      expect(await queue.claim({ models: ['own'] })).toHaveLength(1)
    })
  })
}
