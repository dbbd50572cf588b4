import type { Storage } from '@genqueue/core'
import { migrate, prismaStorage } from '@genqueue/prisma'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { type Case, clearScene, ONE_STATEMENT, STEP_BY_STEP, setScene } from './support/command-cases.js'
import { postgresDatabase, type TestClient, type TestDatabase } from './support/databases.js'
import { fillDeep } from './support/deep.js'
import { type Explainer, explainerOn, rowsIn } from './support/explain.js'
import { type Recording, recording } from './support/recording.js'
import { findPostgres } from './support/servers.js'

const server = await findPostgres()
afterAll(() => server?.release())

const DEPTH = { queued: 100_000, completed: 100_000 }
/** What grows with the backlog or the history. */
const LARGE = ['GenerationQueue', 'TicketLedger', 'GenerationRollup']
/** Rows of these that one statement may look at: a few for each that it moves. */
const EXAMINED_MAX = 50
const CASES = { ...ONE_STATEMENT, ...STEP_BY_STEP }

describe.skipIf(server === null)('commands beside 100,000 that wait and 100,000 that are done', () => {
  let database: TestDatabase
  let client: TestClient
  let explainer: Explainer
  let watched: Recording
  let storage: Storage
  let jitAboveCost = 0
  beforeAll(async () => {
    database = await postgresDatabase(server?.url ?? '')
    client = await database.connect()
    await migrate(client)
    for (const table of LARGE) {
      // What the planner knows of the tables is up to the tests.
      await client.$executeRawUnsafe(`ALTER TABLE "${table}" SET (autovacuum_enabled = false)`)
    }
    await fillDeep(client, 'postgresql', DEPTH)
    explainer = await explainerOn(database)
    const [row] = await client.$queryRawUnsafe<{ value: string }[]>(
      `SELECT current_setting('jit_above_cost') AS "value"`,
    )
    jitAboveCost = Number(row?.value)
    watched = recording(client)
    storage = prismaStorage(watched.client)
  }, 180_000)
  beforeEach(() => clearScene(client, 'postgresql'))
  afterAll(async () => {
    await explainer.end()
    await client.$disconnect()
    await database.drop()
  })

  for (const known of ['nothing', 'everything']) {
    describe(`to a planner that knows ${known} of the tables`, () => {
      beforeAll(async () => {
        if (known === 'everything') await client.$executeRawUnsafe('ANALYZE')
      })

      it.each(Object.keys(CASES))('%s: goes by indexes, and is too cheap for JIT', async (name) => {
        const scene = await setScene(storage)
        watched.forget()
        await (CASES[name] as Case)(scene)
        expect(watched.sent.length).toBeGreaterThan(0)
        for (const sent of watched.sent) {
          const { scanned, cost } = await explainer.explain(sent, false)
          expect(
            scanned.filter((table) => LARGE.includes(table)),
            sent.sql,
          ).toEqual([])
          expect(cost, sent.sql).toBeLessThan(jitAboveCost)
        }
      })

      it.each(Object.keys(ONE_STATEMENT))('%s: looks at few rows', async (name) => {
        const scene = await setScene(storage)
        const rows: number[] = []
        const counting = recording(client, async (query) => {
          rows.push(rowsIn(await explainer.explain(query, true), LARGE))
        })
        await (ONE_STATEMENT[name] as Case)({ ...scene, storage: prismaStorage(counting.client) })
        expect(rows).toHaveLength(1)
        expect(rows[0]).toBeLessThan(EXAMINED_MAX)
      })
    })
  }

  it('would show a scan, and its rows', async () => {
    const sql = 'SELECT COUNT(*) FROM "GenerationQueue" WHERE "prompt" = $1'
    const reading = await explainer.explain({ sql, values: ['x'] }, true)
    expect(reading.scanned).toEqual(['GenerationQueue'])
    expect(rowsIn(reading, LARGE)).toBeGreaterThanOrEqual(DEPTH.queued + DEPTH.completed)
  })
})
