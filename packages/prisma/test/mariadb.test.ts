import { conformanceSuite, modelTest } from '@genqueue/core/testing'
import * as fc from 'fast-check'
import { afterAll, beforeAll, describe, it } from 'vitest'
import { mariadbDatabase, type TestDatabase } from './support/databases.js'
import { harnessOn, patiently } from './support/harness.js'
import { findMariadb } from './support/servers.js'

const server = await findMariadb()
afterAll(() => server?.release())

describe.skipIf(server === null)('MariaDB, Prisma 7, sessions in New York', () => {
  let database: TestDatabase
  beforeAll(async () => {
    // By its distance: names of zones are in tables that many servers never filled.
    database = await mariadbDatabase(server?.url ?? '', { timeZone: '-05:00' })
  })
  afterAll(() => database.drop())

  const harness = harnessOn('mariadb, prisma 7', () => database)
  conformanceSuite({ describe, it }, harness)
  modelTest(patiently, harness, fc, { runs: 20 })
})
