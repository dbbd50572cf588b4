import type { Harness } from '@genqueue/core/testing'
import { redisStorage } from '@genqueue/redis'
import type { Cluster, Redis } from 'ioredis'
import { randomPrefix, removeNamespace } from './namespace.js'

/** Fresh namespaces over one client. */
export const harnessOver = (name: string, client: Redis | Cluster, keyPrefix = ''): Harness => ({
  name,
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
        await removeNamespace(client, prefix, keyPrefix)
      },
    }
  },
})
