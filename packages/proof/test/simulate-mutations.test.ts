import { describe, expect, it } from 'vitest'
import { canStartRedis, HOW_TO_GET_REDIS } from '../src/chaos/servers/redis.js'
import { ADAPTER_MUTANTS } from '../src/simulate/mutations/adapters.js'
import { noticed, simulatedMutant } from '../src/simulate/mutations/checks.js'
import { MUTANTS } from '../src/simulate/mutations/mutants.js'
import { simulatedAdapter } from '../src/simulate/mutations/table.js'

const TIMEOUT_MS = 120_000

describe('the simulator', () => {
  it('finds nothing wrong with a storage that is right', async () => {
    expect(await simulatedMutant({ name: 'nothing' }, { seeds: 3, steps: 1_000 })).toBeNull()
  })

  it.each(MUTANTS.map((mutant) => [mutant.name, mutant] as const))(
    'or another check notices a storage that %s',
    async (name, mutant) => {
      // `npm run simulate -- --mutations` searches longer, and asks every check.
      const found = await noticed(mutant, { seeds: 25, steps: 2_000 })
      console.log(`${name}: ${found}`)
      expect(found).not.toBeNull()
    },
    TIMEOUT_MS,
  )
})

describe.each(['redis', 'sqlite'] as const)('the simulator over a broken adapter of %s', (adapter) => {
  const canRun = adapter === 'sqlite' || canStartRedis || process.env.CI === 'true'
  if (!canRun) console.warn(`skipped, ${HOW_TO_GET_REDIS}`)
  const mutants = ADAPTER_MUTANTS.filter((mutant) => mutant.adapter === adapter)
  it.skipIf(!canRun).each(mutants.map((mutant) => [mutant.name, mutant] as const))(
    'notices: %s',
    async (name, mutant) => {
      const found = await simulatedAdapter(mutant)
      console.log(`${name}: ${found}`)
      expect(found).not.toBeNull()
    },
    TIMEOUT_MS,
  )
})
