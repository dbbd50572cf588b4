import { createQueue, type Queue } from '@genqueue/core'
import { migrate, prismaStorage } from '@genqueue/prisma'
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest'
import { postgresDatabase, type TestClient, type TestDatabase } from './support/databases.js'
import { startPgBouncer } from './support/pgbouncer.js'
import { findPostgres } from './support/servers.js'
import { until, wait } from './support/until.js'

/** Connections to the server, for whatever number of them that clients have to PgBouncer. */
const POOL_SIZE = 4
const CAPS = { 'flux-2-pro': 3, 'kling-1.6': 1 }
const modelIds = Object.keys(CAPS) as (keyof typeof CAPS)[]
/** So many are asked for by themselves, and with an order that the app writes. */
const [PLAIN, ORDERED] = [120, 12]
const ALL = PLAIN + ORDERED
const silent = { warn: () => {}, error: () => {} }

const server = await findPostgres()
const bouncer = server && (await startPgBouncer(server, POOL_SIZE))
afterAll(async () => {
  await bouncer?.release()
  await server?.release()
})

class RolledBack extends Error {}

const requestOf = (n: number) => ({
  userId: 'ada',
  modelId: modelIds[n % modelIds.length] as string,
  prompt: n % 10 === 0 ? 'fails once' : 'a lighthouse',
})

/** An order and its generation in one transaction of the app, and another that is thought better of. */
async function order(client: TestClient, queue: Queue, n: number): Promise<void> {
  await client.$transaction(async (tx) => {
    await tx.$executeRawUnsafe(`INSERT INTO "Order" ("id") VALUES (${n})`)
    const inside = queue.using(tx)
    await inside.enqueue(requestOf(n))
    const { queueId } = await inside.enqueue(requestOf(n))
    await inside.cancel(queueId)
  })
  const rolledBack = client.$transaction(async (tx) => {
    await tx.$executeRawUnsafe(`INSERT INTO "Order" ("id") VALUES (${1_000 + n})`)
    await queue.using(tx).enqueue(requestOf(n))
    throw new RolledBack()
  })
  await expect(rolledBack).rejects.toBeInstanceOf(RolledBack)
}

for (const major of [7, 6] as const) {
  describe.skipIf(bouncer === null)(`behind PgBouncer in transaction mode, Prisma ${major}`, () => {
    let database: TestDatabase
    let clients: TestClient[]
    beforeEach(async () => {
      database = await postgresDatabase(bouncer?.url ?? '', { major })
      clients = await Promise.all([1, 2, 3].map(() => database.connect()))
    })
    afterEach(async () => {
      await Promise.all(clients.map((client) => client.$disconnect()))
      await database.drop()
    })

    it('has few connections, which all clients share statement by statement', async () => {
      const asked = clients.flatMap((client) =>
        Array.from({ length: 8 }, () =>
          client.$queryRawUnsafe<{ pid: number }[]>(
            'SELECT pg_backend_pid() AS "pid" FROM (SELECT pg_sleep(0.02)::text) AS "slept"',
          ),
        ),
      )
      const pids = new Set((await Promise.all(asked)).map(([row]) => row?.pid))
      expect(pids.size).toBeGreaterThan(1)
      expect(pids.size).toBeLessThanOrEqual(POOL_SIZE)
    })

    it('runs whole lives: migrate, transactions, several workers, failures, cancels, and clean books', async () => {
      await Promise.all(clients.map((client) => migrate(client)))
      const queues = clients.map((client) =>
        createQueue({
          storage: prismaStorage(client),
          models: CAPS,
          logger: silent,
          retry: { baseMs: 10 },
        }),
      )
      const [first] = queues as [Queue, ...Queue[]]
      const [client] = clients as [TestClient, ...TestClient[]]
      await first.tickets.grant('ada', 500)

      const running = new Map<string, number>()
      const most = new Map<string, number>()
      for (const queue of queues) {
        queue
          .worker(async ({ modelId, prompt, queueId }, { attempt }) => {
            const now = (running.get(modelId) ?? 0) + 1
            running.set(modelId, now)
            most.set(modelId, Math.max(most.get(modelId) ?? 0, now))
            await wait(5)
            running.set(modelId, (running.get(modelId) as number) - 1)
            if (prompt === 'fails once' && attempt === 1) throw new Error('the provider is busy')
            return `https://img.example/${queueId}.png`
          })
          .start()
      }
      await client.$executeRawUnsafe('CREATE TABLE "Order" ("id" INTEGER NOT NULL)')
      await Promise.all([
        ...queues.map((queue, i) =>
          queue.enqueueMany(Array.from({ length: PLAIN / queues.length }, (_, n) => requestOf(3 * n + i))),
        ),
        ...Array.from({ length: ORDERED }, (_, n) => {
          const i = n % clients.length
          return order(clients[i] as TestClient, queues[i] as Queue, n)
        }),
      ])
      await until(async () => (await first.stats()).completed === ALL, 60_000)

      expect(Object.fromEntries(most)).toEqual(CAPS)
      expect(await first.stats()).toMatchObject({ queued: 0, processing: 0, failed: 0, cancelled: ORDERED })
      const [orders] = await client.$queryRawUnsafe<{ n: number }[]>(
        'SELECT COUNT(*)::int AS "n" FROM "Order"',
      )
      expect(orders?.n).toBe(ORDERED)
      expect(await first.tickets.account('ada')).toMatchObject({
        balance: 500 - ALL,
        reserved: 0,
        captured: ALL,
      })
      expect(await first.verify()).toMatchObject({ ok: true, findings: [] })
      await Promise.all(queues.map((queue) => queue.close()))
    }, 90_000)
  })
}
