import { conformanceSuite, type Harness, modelTest } from '@genqueue/core/testing'
import { redisStorage } from '@genqueue/redis'
import * as fc from 'fast-check'
import { Redis } from 'ioredis'
import { afterAll, describe, it } from 'vitest'
import { randomPrefix, removeNamespace } from './support/namespace.js'
import { findServer } from './support/server.js'

const server = await findServer()

describe.skipIf(server === null)('redis', () => {
  const client = new Redis(server?.url ?? '', { lazyConnect: true })
  afterAll(async () => {
    client.disconnect()
    await server?.release()
  })

  const harness: Harness = {
    name: 'redis',
    async create() {
      const prefix = randomPrefix()
      const storage = redisStorage({ client, prefix })
      return {
        storage,
        async another() {
          const other = redisStorage({ client, prefix })
          await other.open()
          return other
        },
        async destroy() {
          await storage.close()
          await removeNamespace(client, prefix)
        },
      }
    },
  }

  conformanceSuite({ describe, it }, harness)
  modelTest({ describe, it }, harness, fc, { runs: 60 })
})
