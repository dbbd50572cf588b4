import { conformanceSuite, type Harness, modelTest } from '@genqueue/core/testing'
import { memoryStorage } from '@genqueue/memory'
import * as fc from 'fast-check'
import { describe, it } from 'vitest'

const harness: Harness = {
  name: 'memory',
  async create() {
    const storage = memoryStorage()
    return { storage, another: async () => storage, destroy: () => storage.close() }
  },
}

conformanceSuite({ describe, it }, harness)
modelTest({ describe, it }, harness, fc, { runs: 400 })
