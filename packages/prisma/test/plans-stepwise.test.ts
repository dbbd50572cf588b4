import type { Storage } from '@genqueue/core'
import { migrate, prismaStorage } from '@genqueue/prisma'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { type Case, clearScene, ONE_STATEMENT, STEP_BY_STEP, setScene } from './support/command-cases.js'
import { mariadbDatabase, sqliteDatabase, type TestClient, type TestDatabase } from './support/databases.js'
import { fillDeep } from './support/deep.js'
import { type Explainer, explainerOn } from './support/explain.js'
import { type Recording, recording } from './support/recording.js'
import { findMariadb } from './support/servers.js'

const mariadb = await findMariadb()
afterAll(() => mariadb?.release())

const ON: readonly { name: string; open: (() => Promise<TestDatabase>) | null }[] = [
  { name: 'SQLite', open: () => sqliteDatabase() },
  { name: 'MariaDB', open: mariadb && (() => mariadbDatabase(mariadb.url)) },
]
const DEPTH = { queued: 20_000, completed: 20_000 }
const LARGE = ['GenerationQueue', 'TicketLedger', 'GenerationRollup', 'GenerationBucket']
const CASES = { ...ONE_STATEMENT, ...STEP_BY_STEP }

for (const { name, open } of ON) {
  describe.skipIf(open === null)(
    `commands beside 20,000 that wait and 20,000 that are done on ${name}`,
    () => {
      let database: TestDatabase
      let client: TestClient
      let explainer: Explainer
      let watched: Recording
      let storage: Storage
      beforeAll(async () => {
        database = await (open as () => Promise<TestDatabase>)()
        client = await database.connect()
        await migrate(client)
        await fillDeep(client, database.provider, DEPTH)
        if (database.provider === 'sqlite') await client.$executeRawUnsafe('ANALYZE')
        explainer = await explainerOn(database)
        watched = recording(client)
        storage = prismaStorage(watched.client)
      }, 180_000)
      beforeEach(() => clearScene(client, database.provider))
      afterAll(async () => {
        await explainer.end()
        await client.$disconnect()
        await database.drop()
      })

      it.each(Object.keys(CASES))('%s: goes by indexes', async (command) => {
        const scene = await setScene(storage)
        watched.forget()
        await (CASES[command] as Case)(scene)
        expect(watched.sent.length).toBeGreaterThan(0)
        for (const sent of watched.sent) {
          const { scanned } = await explainer.explain(sent, false)
          expect(
            scanned.filter((table) => LARGE.includes(table)),
            sent.sql,
          ).toEqual([])
        }
      })
    },
  )
}
