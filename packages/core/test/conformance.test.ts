import { conformanceSuite, tableStorage } from '@genqueue/core/testing'
import { describe, it } from 'vitest'

conformanceSuite(
  { describe, it },
  {
    name: 'tables',
    async create() {
      const storage = tableStorage()
      return { storage, another: async () => storage, destroy: () => storage.close() }
    },
  },
)
