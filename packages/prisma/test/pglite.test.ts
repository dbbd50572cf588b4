import { conformanceSuite, modelTest } from '@genqueue/core/testing'
import * as fc from 'fast-check'
import { afterAll, beforeAll, describe, it } from 'vitest'
import { pgliteDatabase, type TestDatabase } from './support/databases.js'
import { harnessOn, patiently } from './support/harness.js'

describe('PostgreSQL in this process (PGlite), Prisma 7', () => {
  let database: TestDatabase
  beforeAll(async () => {
    database = await pgliteDatabase()
  })
  afterAll(() => database.drop())

  const harness = harnessOn('pglite, prisma 7', () => database)
  conformanceSuite({ describe, it }, harness)
  modelTest(patiently, harness, fc, { runs: 20 })
})
