import { createQueue, type Queue } from '@genqueue/core'
import { migrate, prismaStorage } from '@genqueue/prisma'
import { afterAll, afterEach, describe, expect, it } from 'vitest'
import { startProxy } from '../../core/test/support/proxy.js'
import { clientAt, postgresDatabase, type TestClient, type TestDatabase } from './support/databases.js'
import { startPostgres } from './support/servers.js'
import { until, wait } from './support/until.js'

const silent = { warn: () => {}, error: () => {} }
const request = { userId: 'ada', modelId: 'm', prompt: 'a lighthouse' }
const own = await startPostgres()
if (own === null) {
  const reason =
    'no PostgreSQL binaries to start a server that may be crashed (Debian: apt-get install postgresql)'
  if (process.env.CI === 'true') throw new Error(reason)
  console.warn(`skipped: ${reason}`)
}

describe.skipIf(own === null)('PostgreSQL that crashes or is cut off', () => {
  const atEnd: (() => Promise<unknown>)[] = []
  afterEach(async () => {
    for (const end of atEnd.splice(0).reverse()) await end()
  })

  afterAll(() => own?.release())

  const open = async (client: TestClient, cap: number, tickets: number): Promise<Queue> => {
    const queue = createQueue({ storage: prismaStorage(client), models: { m: cap }, logger: silent })
    await queue.tickets.grant('ada', tickets)
    return queue
  }
  const fresh = async (): Promise<TestDatabase> => {
    const database = await postgresDatabase(own?.url ?? '')
    atEnd.push(() => database.drop())
    return database
  }

  it('stopped at once and started again in the middle of 600 generations, loses and doubles nothing', async () => {
    const database = await fresh()
    const client = await database.connect()
    await migrate(client)
    const queue = await open(client, 50, 600)
    const done = new Map<number, number>()
    queue.on('completed', ({ queueId }) => done.set(queueId, (done.get(queueId) ?? 0) + 1))
    await queue.enqueueMany(Array.from({ length: 600 }, () => request))
    queue
      .worker(async ({ queueId }) => {
        await wait(20)
        return `https://img.example/${queueId}.png`
      })
      .start()
    await until(() => done.size > 100, 30_000)
    await own?.stop('immediate')
    await wait(1_500)
    await own?.start()
    await until(async () => (await queue.stats().catch(() => null))?.completed === 600, 60_000)
    expect([...done.values()].every((times) => times === 1)).toBe(true)
    expect(await queue.stats()).toMatchObject({ queued: 0, processing: 0, failed: 0, completed: 600 })
    expect(await queue.tickets.account('ada')).toMatchObject({ balance: 0, reserved: 0, captured: 600 })
    expect(await queue.verify()).toMatchObject({ ok: true, findings: [] })
    await queue.close()
    await client.$disconnect()
  }, 120_000)

  it('cut off between commit and reply, again and again, books every request once', async () => {
    const database = await fresh()
    const direct = await database.connect()
    await migrate(direct)
    const proxy = await startProxy(own?.port as number)
    atEnd.push(() => proxy.close())
    const through = new URL(database.url)
    through.port = String(proxy.port)
    const client = await clientAt(through.href)
    const [queue, observer] = [await open(client, 3, 100), createQueue({ storage: prismaStorage(direct) })]
    const answers = new Map<string, number>()
    for (let round = 0; round < 8; round++) {
      const keys = Array.from({ length: 3 }, (_, i) => `order-${round}-${i}`)
      proxy.swallowReplies()
      const calls = keys.map((idempotencyKey) => queue.enqueue({ ...request, idempotencyKey }))
      await wait(60)
      proxy.cut()
      for (const [i, call] of calls.entries()) {
        const key = keys[i] as string
        // What the library gave up on, the app asks for again under the same key.
        const { queueId } = await call.catch(() => queue.enqueue({ ...request, idempotencyKey: key }))
        answers.set(key, queueId)
      }
    }
    expect(new Set(answers.values()).size).toBe(24)
    expect(await observer.stats()).toMatchObject({ queued: 24 })
    expect(await observer.tickets.account('ada')).toMatchObject({ balance: 100, reserved: 24 })

    const claimed = await queue.claim({ models: ['m'], max: 3 })
    proxy.swallowReplies()
    const settles = claimed.map(({ queueId, lease }) =>
      queue.complete(queueId, 'https://img.example/x.png', { lease }),
    )
    await wait(60)
    proxy.cut()
    for (const [i, settle] of settles.entries()) {
      const { queueId, lease } = claimed[i] as (typeof claimed)[number]
      await settle.catch(() => queue.complete(queueId, 'https://img.example/x.png', { lease }))
    }
    expect(await observer.tickets.account('ada')).toMatchObject({ balance: 97, reserved: 21, captured: 3 })
    expect(await observer.verify()).toMatchObject({ ok: true, findings: [] })
    await queue.close()
    await Promise.all([client.$disconnect(), direct.$disconnect()])
  }, 120_000)
})
