import { conformanceSuite, modelTest } from '@genqueue/core/testing'
import * as fc from 'fast-check'
import { afterAll, beforeAll, describe, it } from 'vitest'
import { mariadbDatabase, type TestDatabase } from './support/databases.js'
import { harnessOn, patiently } from './support/harness.js'
import { findMariadb } from './support/servers.js'

const server = await findMariadb()
afterAll(() => server?.release())

describe.skipIf(server === null)('MariaDB, Prisma 7', () => {
  let database: TestDatabase
  beforeAll(async () => {
    database = await mariadbDatabase(server?.url ?? '')
  })
  afterAll(() => database.drop())

  const harness = harnessOn('mariadb, prisma 7', () => database)
  conformanceSuite({ describe, it }, harness)
  modelTest(patiently, harness, fc, { runs: 20 })
})
