import { conformanceSuite, modelTest } from '@genqueue/core/testing'
import * as fc from 'fast-check'
import { afterAll, beforeAll, describe, it } from 'vitest'
import { sqliteDatabase, type TestDatabase } from './support/databases.js'
import { harnessOn, patiently } from './support/harness.js'

for (const major of [7, 6] as const) {
  describe(`SQLite through libsql, Prisma ${major}`, () => {
    let database: TestDatabase
    beforeAll(async () => {
      database = await sqliteDatabase({ major })
    })
    afterAll(() => database.drop())

    const harness = harnessOn(`sqlite, prisma ${major}`, () => database)
    conformanceSuite({ describe, it }, harness)
    modelTest(patiently, harness, fc, { runs: major === 7 ? 40 : 10 })
  })
}
