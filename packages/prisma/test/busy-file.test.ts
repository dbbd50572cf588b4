import { setTimeout as sleep } from 'node:timers/promises'
import { migrate } from '@genqueue/prisma'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { databaseOf } from '../src/database.js'
import { sqliteDatabase, type TestClient, type TestDatabase } from './support/databases.js'

/** Another process writes for so long. */
const HELD_MS = 300
const NO_ROW = 'DELETE FROM "GenerationRollup" WHERE 1 = 0'
const ONE_ROW = 'UPDATE "Ticket" SET "balance" = "balance" + 1'

describe('SQLite, a write that meets a busy file', () => {
  let database: TestDatabase
  let [mine, others]: TestClient[] = []
  beforeAll(async () => {
    database = await sqliteDatabase()
    ;[mine, others] = [await database.connect(), await database.connect()]
    await migrate(mine)
    await mine.$queryRawUnsafe('PRAGMA journal_mode = WAL')
  })
  afterAll(async () => {
    for (const client of [mine, others]) await client?.$disconnect()
    await database.drop()
  })

  it('waits for it, and leaves nothing behind that keeps the next transaction from committing', async () => {
    const [own, other] = [
      databaseOf(mine as TestClient, 'sqlite'),
      databaseOf(others as TestClient, 'sqlite'),
    ]
    let isHeld = () => {}
    const held = new Promise<void>((resolve) => {
      isHeld = resolve
    })
    const holding = other.transaction(async (within) => {
      await within.run(ONE_ROW)
      isHeld()
      await sleep(HELD_MS)
    })
    await held
    const startedAt = performance.now()
    await own.run(NO_ROW)
    expect(performance.now() - startedAt).toBeGreaterThan(HELD_MS / 2)
    await holding
    await own.transaction((within) => within.run(ONE_ROW))
    await other.transaction((within) => within.run(ONE_ROW))
  })
})
