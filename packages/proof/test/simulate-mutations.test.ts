import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ADAPTER_MUTANTS } from '../src/simulate/mutations/adapters.js'
import { type BrokenAdapter, brokenAdapter } from '../src/simulate/mutations/broken-adapters.js'
import { noticed, simulatedMutant } from '../src/simulate/mutations/checks.js'
import { MUTANTS } from '../src/simulate/mutations/mutants.js'
import { ADAPTERS, simulatedAdapter } from '../src/simulate/mutations/table.js'

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

describe.each(ADAPTERS)('the simulator over a broken adapter of %s', (adapter) => {
  let grounds: BrokenAdapter | string
  beforeAll(async () => {
    // The server's program may be missing on a developer's machine; never where everything has to be checked.
    grounds = await brokenAdapter(adapter).catch((error: Error) => {
      if (process.env.CI === 'true') throw error
      return error.message
    })
  }, TIMEOUT_MS)
  afterAll(async () => {
    if (typeof grounds !== 'string') await grounds.destroy()
  })

  for (const mutant of ADAPTER_MUTANTS.filter((one) => one.adapter === adapter)) {
    it(
      `notices: ${mutant.name}`,
      async ({ skip }) => {
        if (typeof grounds === 'string') return skip(grounds)
        const found = await simulatedAdapter(grounds, mutant)
        console.log(`${mutant.name}: ${found}`)
        expect(found).not.toBeNull()
      },
      TIMEOUT_MS,
    )
  }
})
