import { conformanceSuite, modelTest } from '@genqueue/core/testing'
import * as fc from 'fast-check'
import { afterAll, beforeAll, describe, it } from 'vitest'
import { postgresDatabase, type TestDatabase } from './support/databases.js'
import { harnessOn, patiently } from './support/harness.js'
import { findPostgres } from './support/servers.js'

const server = await findPostgres()
afterAll(() => server?.release())

for (const { major, timeZone, runs } of [
  { major: 7, timeZone: 'America/New_York', runs: 30 },
  { major: 6, timeZone: undefined, runs: 10 },
] as const) {
  const where = timeZone === undefined ? '' : `, sessions in ${timeZone}`
  describe.skipIf(server === null)(`PostgreSQL, Prisma ${major}${where}`, () => {
    let database: TestDatabase
    beforeAll(async () => {
      const options = timeZone === undefined ? { major } : { major, timeZone }
      database = await postgresDatabase(server?.url ?? '', options)
    })
    afterAll(() => database.drop())

    const harness = harnessOn(`postgresql, prisma ${major}`, () => database)
    conformanceSuite({ describe, it }, harness)
    modelTest(patiently, harness, fc, { runs })
  })
}
