import { conformanceSuite, modelTest } from '@genqueue/core/testing'
import * as fc from 'fast-check'
import { Redis } from 'ioredis'
import { Redis as Redis5 } from 'ioredis5'
import { afterAll, describe, it } from 'vitest'
import { harnessOver } from './support/harness.js'
import { findServer } from './support/server.js'

const server = await findServer()

describe.skipIf(server === null)('one server', () => {
  const client = new Redis(server?.url ?? '', { lazyConnect: true })
  // The other version that the package takes, with a prefix of its own before every key.
  const older = new Redis5(server?.url ?? '', { lazyConnect: true, keyPrefix: 'app:' })
  afterAll(async () => {
    client.disconnect()
    older.disconnect()
    await server?.release()
  })

  const harness = harnessOver('redis', client)
  conformanceSuite({ describe, it }, harness)
  modelTest({ describe, it }, harness, fc, { runs: 60 })
  conformanceSuite(
    { describe, it },
    harnessOver('redis, ioredis 5 with a keyPrefix', older as unknown as Redis, 'app:', client),
  )
})
