import type { Storage } from '@genqueue/core'
import { listQuery } from '@genqueue/core/testing'
import { migrate, prismaStorage } from '@genqueue/prisma'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  mariadbDatabase,
  postgresDatabase,
  sqliteDatabase,
  type TestClient,
  type TestDatabase,
} from './support/databases.js'
import { DEEP, fillDeep } from './support/deep.js'
import { type Explainer, explainerOn, rowsIn } from './support/explain.js'
import { type Recording, recording } from './support/recording.js'
import { findMariadb, findPostgres } from './support/servers.js'

const postgres = await findPostgres()
const mariadb = await findMariadb()
afterAll(() => Promise.all([postgres?.release(), mariadb?.release()]))

/** As deep as each fills in a few seconds; PostgreSQL goes through a smaller table rather than to 1,000 of its rows. */
const ON: readonly { name: string; depth: number; open: (() => Promise<TestDatabase>) | null }[] = [
  { name: 'SQLite', depth: 20_000, open: () => sqliteDatabase() },
  { name: 'PostgreSQL', depth: 100_000, open: postgres && (() => postgresDatabase(postgres.url)) },
  { name: 'MariaDB', depth: 20_000, open: mariadb && (() => mariadbDatabase(mariadb.url)) },
]

const LARGE = ['GenerationQueue', 'TicketLedger', 'GenerationRollup', 'GenerationBucket']
const HOUR_MS = 3_600_000
const { modelId, userId, formerUserId, since } = DEEP
/** When the last of them was queued. */
const END = since + 1_000 * 100_000

interface Read {
  readonly run: (storage: Storage) => Promise<unknown>
  /** Rows of the large tables that all of its statements together may look at. */
  readonly rowsMax: number
  /** Goes through a table in the order of its key, and stops after so many rows. */
  readonly stopsEarly?: boolean
}
const list = (filter: Parameters<typeof listQuery>[0], rowsMax: number, stopsEarly = false): Read => ({
  run: (storage) => storage.list(listQuery(filter)),
  rowsMax,
  stopsEarly,
})
const history = (of: string, cursor: number | null): Read => ({
  run: (storage) => storage.ledger({ userId: of, queueId: null, cursor, limit: 50 }),
  rowsMax: 51,
})
/** A page has 50 rows. They are found by their ids, one more than a page, and then read whole. */
const PAGE = 51 + 50
/** The same where every model is looked at. */
const PAGE_OF_MODELS = 51 * DEEP.models + 51 + 50
/** The same where what is found may still not fit: in pieces of 100, and at most 2,000. */
const [PAGE_CHECKED, CHECKED_MAX] = [100 + 50, 2_000]

const READS: Readonly<Record<string, Read>> = {
  'a list of everything': list({}, PAGE, true),
  'a list of a status': list({ statuses: ['queued'] }, PAGE_OF_MODELS),
  'a list of a status that was long ago': list({ statuses: ['failed', 'completed'] }, PAGE_OF_MODELS),
  'a later page of a status': list({ statuses: ['completed'], cursor: 9_000 }, PAGE_OF_MODELS),
  'a list of a model': list({ modelId }, PAGE + 51),
  'a list of a model and a status': list({ modelId, statuses: ['completed'] }, PAGE),
  'a later page of a model and a status': list({ modelId, statuses: ['queued'], cursor: 30_000 }, PAGE),
  'a list of a user': list({ userId }, PAGE_CHECKED),
  'a list of a user who left long ago': list({ userId: formerUserId }, PAGE_CHECKED),
  'a later page of that': list({ userId: formerUserId, cursor: 9_000 }, PAGE_CHECKED),
  'a list of a user, a model and a status': list({ userId, modelId, statuses: ['queued'] }, PAGE_CHECKED),
  'a list of a user and words': list({ userId, text: 'FOG' }, PAGE_CHECKED),
  'a list of a user that nothing fits': list({ userId: formerUserId, statuses: ['queued'] }, CHECKED_MAX),
  'a list that nothing fits': list({ text: 'no such words' }, CHECKED_MAX, true),
  'positions at the head, in the middle and at the end': {
    run: (storage) => storage.positions({ queueIds: [20_001, 30_000, 40_000], at: END }),
    rowsMax: 1_000,
  },
  'the stats of all models': {
    run: (storage) => storage.stats({ modelIds: null, at: END }),
    // Mostly counts of the longest spans, of 35 min each.
    rowsMax: 500,
  },
  'the stats of a model': {
    run: (storage) => storage.stats({ modelIds: [modelId], at: END }),
    rowsMax: 100,
  },
  'leases that are over': {
    run: (storage) => storage.due({ what: 'lease', max: 100, at: END }),
    rowsMax: 100,
  },
  'deadlines that are over': {
    run: (storage) => storage.due({ what: 'deadline', max: 100, at: END }),
    rowsMax: 100,
  },
  'a history of tickets': history(userId, null),
  'a history of a user who left long ago': history(formerUserId, null),
  'a later page of it': history(formerUserId, 9_000),
  'the rollups of a day': {
    run: (storage) => storage.rollups({ modelIds: [modelId], fromHour: since + 476 * HOUR_MS }),
    rowsMax: 1_000,
  },
}

const PURGES: Readonly<
  Record<string, Pick<Read, 'stopsEarly'> & { run: (storage: Storage) => Promise<number> }>
> = {
  'of generations': {
    run: (storage) =>
      storage.purge({ what: 'generations', statuses: ['completed', 'cancelled'], before: END, max: 1_000 }),
  },
  'of the ledger': {
    run: (storage) => storage.purge({ what: 'ledger', before: END, max: 1_000 }),
    stopsEarly: true,
  },
  'of rollups': {
    run: (storage) => storage.purge({ what: 'rollups', before: since + 499 * HOUR_MS, max: 1_000 }),
  },
}

for (const { name, depth, open } of ON) {
  describe.skipIf(open === null)(`beside ${depth} that wait and ${depth} that are done on ${name}`, () => {
    let database: TestDatabase
    let client: TestClient
    let explainer: Explainer
    let watched: Recording
    let storage: Storage
    beforeAll(async () => {
      database = await (open as () => Promise<TestDatabase>)()
      client = await database.connect()
      await migrate(client)
      await fillDeep(client, database.provider, { queued: depth, completed: depth })
      // What it knows of the tables may lead it astray, as well as what it does not know.
      if (database.provider !== 'mysql') await client.$executeRawUnsafe('ANALYZE')
      explainer = await explainerOn(database)
      watched = recording(client)
      storage = prismaStorage(watched.client)
    }, 180_000)
    afterAll(async () => {
      await explainer.end()
      await client.$disconnect()
      await database.drop()
    })

    /** Of the statements that were sent: how many rows they look at, or fails when one goes through a whole table. */
    async function rowsExamined(stopsEarly: boolean | undefined, carryOut: boolean) {
      let rows = 0
      for (const sent of watched.sent) {
        const reading = await explainer.explain(sent, carryOut)
        const scanned = reading.scanned.filter((table) => LARGE.includes(table))
        if (!stopsEarly) expect(scanned, sent.sql.slice(0, 1_000)).toEqual([])
        rows += rowsIn(reading, LARGE)
      }
      return rows
    }

    it.each(Object.keys(READS))('%s goes by indexes and looks at few rows', async (what) => {
      const { run, rowsMax, stopsEarly } = READS[what] as Read
      watched.forget()
      await run(storage)
      expect(await rowsExamined(stopsEarly, true)).toBeLessThanOrEqual(rowsMax)
    })

    it.each(Object.keys(PURGES))('a purge %s takes as many as it may, by indexes', async (what) => {
      const { run, stopsEarly } = PURGES[what] as (typeof PURGES)[string]
      watched.forget()
      expect(await run(storage)).toBe(1_000)
      await rowsExamined(stopsEarly, false)
    })

    it('would show a scan', async () => {
      const quote = database.provider === 'mysql' ? '`' : '"'
      const sql = 'SELECT COUNT(*) FROM "GenerationQueue" WHERE "progress" = 1'.replaceAll('"', quote)
      expect((await explainer.explain({ sql, values: [] }, true)).scanned).toEqual(['GenerationQueue'])
    })
  })
}
