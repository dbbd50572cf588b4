import { describe, expect, it } from 'vitest'
import { STORAGE_NAMES } from '../src/chaos/storages.js'
import type { Grounds } from '../src/simulate/grounds/ground.js'
import { memoryGrounds } from '../src/simulate/grounds/memory.js'
import { serverGrounds } from '../src/simulate/grounds/servers.js'
import type { SimulatedStorage } from '../src/simulate/options.js'
import { againWith } from '../src/simulate/report.js'
import { groundsOf, runSeeds } from '../src/simulate/run.js'

const FRESH_SEED = Date.now() % 1_000_000_000
const FIXED_SEED = 1
const TIMEOUT_MS = 120_000

interface Amount {
  readonly seed: number
  readonly seeds: number
  readonly steps: number
}

async function unbroken(grounds: Grounds, storage: SimulatedStorage, { seed, seeds, steps }: Amount) {
  const report = await runSeeds(grounds, { seed, seeds, steps, storage, minutes: null, without: [] })
  const { failure } = report
  const what =
    failure === null ? null : `${failure.outcome.violation?.message}: ${againWith(failure.options, storage)}`
  expect(what).toBeNull()
  return report
}

/** What a run must have met to prove anything; the same for these seeds on every machine. */
const MET = [
  ...['admit queued', 'admit processing', 'admit again', 'claim', 'start', 'renew', 'handler begins'],
  ...['complete', 'fail', 'retryLater', 'yield', 'reclaim', 'giveUp', 'cancel', 'expire', 'resubmit', 'post'],
  ...['complete again', 'fail again', 'cancel again', 'reclaim again', 'retryLater again', 'post again'],
  ...['apply refused: lease_mismatch', 'apply refused: status_mismatch', 'renew refused: lease_mismatch'],
  ...['admit refused: tickets_short', 'admit refused: queue_full', 'admit refused: idempotency_conflict'],
  ...['start refused: model_full', 'start refused: model_paused', 'start refused: not_due'],
  ...['apply refused: tickets_over', 'apply refused: tickets_short', 'apply refused: not_due'],
  ...['deaths before', 'deaths after', 'deaths between calls', 'freezes', 'refusals', 'outages'],
  ...['lost-replies', 'duplicates', 'races'],
]

describe('the simulator over memory', () => {
  it(
    'breaks no law over fixed seeds, and meets everything that it is for',
    async () => {
      const { totals } = await unbroken(memoryGrounds(), 'memory', {
        seed: FIXED_SEED,
        seeds: 60,
        steps: 2_000,
      })
      expect(MET.filter((what) => !totals.seen.has(what))).toEqual([])
    },
    TIMEOUT_MS,
  )

  it(
    `breaks no law over fresh seeds from ${FRESH_SEED} on`,
    async () => {
      console.log(`memory: fresh seeds from ${FRESH_SEED} on`)
      await unbroken(memoryGrounds(), 'memory', { seed: FRESH_SEED, seeds: 40, steps: 2_000 })
    },
    TIMEOUT_MS,
  )

  it('runs the same for the same seed, and not for another', async () => {
    const run = async (seed: number) => {
      const { last } = await unbroken(memoryGrounds(), 'memory', { seed, seeds: 1, steps: 2_000 })
      return last?.hash
    }
    const hashes = [await run(7), await run(8), await run(7), await run(8)]
    expect(hashes.slice(2)).toEqual(hashes.slice(0, 2))
    expect(hashes[0]).not.toBe(hashes[1])
  })
})

/** The server's program may be missing on a developer's machine; never where everything has to be checked. */
async function groundsHere(storage: SimulatedStorage): Promise<Grounds | string> {
  try {
    return await groundsOf(storage)
  } catch (error) {
    if (process.env.CI === 'true') throw error
    return error instanceof Error ? error.message : String(error)
  }
}

describe.each(STORAGE_NAMES)('the simulator over %s', (storage) => {
  it(
    'breaks no law, and runs the same for the same seed',
    async ({ skip }) => {
      const grounds = await groundsHere(storage)
      if (typeof grounds === 'string') return skip(grounds)
      try {
        const amount = { seed: FIXED_SEED, seeds: 1, steps: 200 }
        const [first, second] = [
          await unbroken(grounds, storage, amount),
          await unbroken(grounds, storage, amount),
        ]
        expect(second.last?.hash).toBe(first.last?.hash)
        console.log(`${storage}: a fresh seed, ${FRESH_SEED}`)
        await unbroken(grounds, storage, { seed: FRESH_SEED, seeds: 1, steps: 200 })
      } finally {
        await grounds.destroy()
      }
    },
    TIMEOUT_MS,
  )
})

describe('grounds', () => {
  it('are empty for every run', async ({ skip }) => {
    const grounds = await serverGrounds('sqlite').catch((error: Error) => error.message)
    if (typeof grounds === 'string') return skip(grounds)
    for (let run = 0; run < 2; run++) {
      const ground = await grounds.fresh()
      expect(await ground.evidence.books()).toMatchObject({
        generations: [],
        ledger: [],
        accounts: [],
        active: {},
      })
      await ground.handles[0]?.post({ items: [{ userId: 'ada', amount: 1, key: 'k', memo: null }], at: 1 })
      await ground.close()
    }
    await grounds.destroy()
  })
})
