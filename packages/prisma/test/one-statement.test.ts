import { createQueue, type Storage } from '@genqueue/core'
import { migrate, prismaStorage } from '@genqueue/prisma'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { type Case, ONE_STATEMENT, STEP_BY_STEP, setScene } from './support/command-cases.js'
import { emptyTables, pgliteDatabase, type TestClient, type TestDatabase } from './support/databases.js'
import { type Recording, recording } from './support/recording.js'
import { until } from './support/until.js'

describe('statements of a command on PostgreSQL', () => {
  let database: TestDatabase
  let client: TestClient
  let watched: Recording
  let storage: Storage
  beforeAll(async () => {
    database = await pgliteDatabase()
    client = await database.connect()
    await migrate(client)
    watched = recording(client)
    storage = prismaStorage(watched.client)
  })
  afterAll(() => database.drop())
  beforeEach(() => emptyTables(client, 'postgresql'))

  it.each(Object.keys(ONE_STATEMENT))('%s: one, and no transaction around it', async (name) => {
    const scene = await setScene(storage)
    watched.forget()
    const results = await (ONE_STATEMENT[name] as Case)(scene)
    expect(watched.calls).toEqual({ queries: 1, executions: 0, transactions: 0 })
    expect(results.length).toBeGreaterThan(0)
    expect(results).not.toContainEqual(expect.objectContaining({ ok: false }))
  })

  it.each(Object.keys(STEP_BY_STEP))('%s: several, in one transaction', async (name) => {
    const scene = await setScene(storage)
    watched.forget()
    await (STEP_BY_STEP[name] as Case)(scene)
    expect(watched.calls.transactions).toBe(1)
    expect(watched.calls.queries).toBeGreaterThan(1)
  })

  it('a worker runs 50 generations without a transaction, in fewer than two statements each', async () => {
    const queue = createQueue({ storage, models: { m: 2 }, tickets: false })
    await queue.enqueueMany(Array.from({ length: 50 }, () => ({ userId: 'ada', modelId: 'm', prompt: 'x' })))
    let completed = 0
    queue.on('completed', () => completed++)
    watched.forget()
    const worker = queue.worker(async () => 'https://img.example/x.png', { concurrency: 2 })
    worker.start()
    await until(() => completed === 50, 20_000)
    expect(watched.calls).toMatchObject({ transactions: 0, executions: 0 })
    // With what a worker looks for by itself: what is due, every few seconds.
    expect(watched.calls.queries).toBeLessThan(100)
    await queue.close()
  })
})
