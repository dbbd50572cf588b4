import { conformanceSuite } from '@genqueue/core/testing'
import { memoryStorage } from '@genqueue/memory'
import { describe, it } from 'vitest'

conformanceSuite(
  { describe, it },
  {
    name: 'memory',
    async create() {
      const storage = memoryStorage()
      return { storage, another: async () => storage, destroy: () => storage.close() }
    },
  },
)
