import { createQueue } from '@genqueue/core'
import { migrate, prismaStorage, type WakeUps } from '@genqueue/prisma'
import { Client } from 'pg'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { postgresDatabase, sqliteDatabase, type TestClient, type TestDatabase } from './support/databases.js'
import { findPostgres } from './support/servers.js'
import { until, wait } from './support/until.js'

const server = await findPostgres()
afterAll(() => server?.release())

/** The hook as packages/prisma/README.md shows it. */
const wakeUpsOver = (connectionString: string): WakeUps => ({
  async listen(channel, onPayload) {
    const client = new Client({ connectionString })
    await client.connect()
    client.on('notification', ({ payload }) => onPayload(payload ?? ''))
    await client.query(`LISTEN "${channel}"`)
    return () => client.end()
  },
})

describe.skipIf(server === null)('wake-ups by LISTEN and NOTIFY', () => {
  let database: TestDatabase
  let near: TestClient
  let far: TestClient
  beforeAll(async () => {
    database = await postgresDatabase(server?.url ?? '')
    near = await database.connect()
    far = await database.connect()
    await migrate(near)
  })
  afterAll(() => database.drop())
  const storageOn = (client: TestClient) => prismaStorage(client, { wakeUps: wakeUpsOver(database.url) })

  it('start what another process queues without waiting for a poll', async () => {
    const here = createQueue({ storage: storageOn(near), models: { m: 1 }, tickets: false })
    const there = createQueue({ storage: storageOn(far), models: { m: 1 }, tickets: false })
    const started = new Map<number, number>()
    const worker = there.worker(
      async ({ queueId }) => {
        started.set(queueId, performance.now())
        return 'https://img.example/x.png'
      },
      { pollMs: 3_600_000 },
    )
    worker.start()
    await wait(300)
    for (let i = 0; i < 5; i++) {
      const queuedAt = performance.now()
      const { queueId } = await here.enqueue({ userId: 'ada', modelId: 'm', prompt: 'x' })
      await until(() => started.has(queueId), 5_000)
      expect((started.get(queueId) as number) - queuedAt).toBeLessThan(1_000)
    }
    await Promise.all([here.close(), there.close()])
  })

  it('are few, however many rows there are, and come after the commit', async () => {
    const heard: string[] = []
    const stop = await wakeUpsOver(database.url).listen('genqueue_wake', (payload) => heard.push(payload))
    const queue = createQueue({ storage: storageOn(near), models: { m: 1 }, tickets: false })
    const request = { userId: 'ada', modelId: 'm', prompt: 'x' }
    await queue.enqueueMany(Array.from({ length: 1_000 }, () => request))
    await wait(200)
    expect(heard.length).toBeGreaterThan(0)
    expect(heard.length).toBeLessThan(200)

    heard.length = 0
    await near.$transaction(async (tx) => {
      await queue.using(tx).enqueue(request)
      await wait(200)
      expect(heard).toEqual([])
    })
    await until(() => heard.length > 0, 2_000)
    expect(heard[0]).toBe('["m"]')
    await stop()
    await queue.close()
  })

  it('are sent before a queue is closed: none connects a client again that was disconnected after it', async () => {
    const own = await postgresDatabase(server?.url ?? '')
    const observer = new Client({ connectionString: own.url })
    await observer.connect()
    const heard: string[] = []
    const stop = await wakeUpsOver(own.url).listen('genqueue_wake', (payload) => heard.push(payload))
    for (let round = 1; round <= 3; round++) {
      const client = await own.connect()
      await migrate(client)
      const storage = prismaStorage(client, { wakeUps: wakeUpsOver(own.url) })
      const queue = createQueue({ storage, models: { m: 1 }, tickets: false })
      heard.length = 0
      // The first of them is told of at once; the rest waits for a while.
      await Promise.all([1, 2, 3, 4].map((maxConcurrent) => queue.limits.set('m', { maxConcurrent })))
      await queue.close()
      await client.$disconnect()
      await wait(100)
      expect(heard.length).toBeGreaterThan(1)
      const { rows } = await observer.query<{ query: string }>(
        `SELECT query FROM pg_stat_activity
         WHERE datname = current_database() AND pid <> pg_backend_pid() AND query NOT LIKE 'LISTEN%'`,
      )
      expect(rows).toEqual([])
    }
    await stop()
    await observer.end()
    await own.drop()
  })
})

describe('wake-ups where the database has none', () => {
  it('are refused by name', async () => {
    const database = await sqliteDatabase()
    const client = await database.connect()
    expect(() => prismaStorage(client, { wakeUps: wakeUpsOver('') })).toThrow(/sqlite cannot notify/)
    await client.$disconnect()
    await database.drop()
  })
})
