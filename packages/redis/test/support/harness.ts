import type { Harness } from '@genqueue/core/testing'
import { redisStorage } from '@genqueue/redis'
import type { Cluster, Redis } from 'ioredis'
import { randomPrefix, removeNamespace } from './namespace.js'

/** Fresh namespaces over one client; one with a keyPrefix cannot name its own keys, so `cleaner` removes them. */
export const harnessOver = (
  name: string,
  client: Redis | Cluster,
  keyPrefix = '',
  cleaner = client,
): Harness => ({
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
        await removeNamespace(cleaner, prefix, keyPrefix)
      },
    }
  },
})
