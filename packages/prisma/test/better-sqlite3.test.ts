import { conformanceSuite, modelTest } from '@genqueue/core/testing'
import * as fc from 'fast-check'
import { afterAll, beforeAll, describe, it } from 'vitest'
import { betterSqlite3Binding, betterSqlite3Client, NOT_COMPILED } from './support/better-sqlite3.js'
import { sqliteDatabase, type TestDatabase } from './support/databases.js'
import { harnessOn, patiently } from './support/harness.js'

const binding = await betterSqlite3Binding()

function suite(nativeBinding: string) {
  let database: TestDatabase
  beforeAll(async () => {
    const file = await sqliteDatabase()
    database = { ...file, connect: () => betterSqlite3Client(file.url, nativeBinding) }
  })
  afterAll(() => database.drop())

  const harness = harnessOn('better-sqlite3, prisma 7', () => database)
  conformanceSuite({ describe, it }, harness)
  modelTest(patiently, harness, fc, { runs: 10 })
}

describe('SQLite through better-sqlite3, Prisma 7', () => {
  if (binding === null) it('passes the suite', ({ skip }) => skip(NOT_COMPILED))
  else suite(binding)
})
