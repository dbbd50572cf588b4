import type { Storage } from '@genqueue/core'
import { conformanceSuite, modelTest, type Runner } from '@genqueue/core/testing'
import * as fc from 'fast-check'
import type { Grounds } from '../grounds/ground.js'
import { memoryGrounds } from '../grounds/memory.js'
import { LAW_NAMES } from '../observer/violation.js'
import { play } from '../play.js'
import { brokenStorage, type Mutant } from './mutant.js'

export interface CheckOptions {
  /** Runs before the simulator gives up. */
  readonly seeds: number
  readonly steps: number
}

const FIRST_SEED = 1
const LOOK_EVERY = 20
const MODEL = { runs: 200, steps: 30, seed: 7 }

/** Which seed notices, at which step, and as what. */
export async function simulated(
  grounds: Grounds,
  { seeds, steps }: CheckOptions,
  { seed: first = FIRST_SEED, client }: Pick<Mutant, 'seed' | 'client'> = {},
): Promise<string | null> {
  for (let seed = first; seed < first + seeds; seed++) {
    const {
      violation,
      steps: at,
      calmSteps,
    } = await play(grounds, {
      seed,
      steps,
      without: new Set(),
      lookEvery: LOOK_EVERY,
      ...(client === undefined ? {} : { clientOf: client }),
    })
    if (violation !== null) return `seed ${seed}, step ${at + calmSteps}: ${LAW_NAMES[violation.law]}`
  }
  return null
}

export const simulatedMutant = (mutant: Mutant, options: CheckOptions): Promise<string | null> =>
  simulated(
    memoryGrounds('reference', () => brokenStorage(mutant)),
    options,
    mutant,
  )

const harnessOf = (mutant: Mutant) => ({
  name: 'mutant',
  async create() {
    const broken = brokenStorage(mutant)
    const storage: Storage = mutant.client?.(broken) ?? broken
    return { storage, another: async () => storage, destroy: () => storage.close() }
  },
})

interface Failed {
  readonly name: string
  readonly message: string
}

/** The suites are written for a test runner; this one collects what fails. */
async function failuresOf(declare: (runner: Runner) => void): Promise<{ all: number; failed: Failed[] }> {
  const cases: { readonly name: string; readonly body: () => Promise<void> }[] = []
  declare({
    describe: (_name, body) => body(),
    it: (name, body) => cases.push({ name, body }),
  })
  const failed: Failed[] = []
  for (const { name, body } of cases) {
    await body().catch((error: unknown) => {
      failed.push({ name, message: error instanceof Error ? error.message : String(error) })
    })
  }
  return { all: cases.length, failed }
}

export async function conformance(mutant: Mutant): Promise<string | null> {
  const { all, failed } = await failuresOf((runner) => conformanceSuite(runner, harnessOf(mutant)))
  return failed.length === 0 ? null : `${failed.length} of ${all}: ${failed[0]?.name}`
}

/** The shortest sequence of commands that shows it. */
export async function modelled(mutant: Mutant): Promise<string | null> {
  const { failed } = await failuresOf((runner) => modelTest(runner, harnessOf(mutant), fc, MODEL))
  const [first] = failed
  if (first === undefined) return null
  const sequence = /Counterexample: (.*)/.exec(first.message)?.[1]
  const [steps] = sequence === undefined ? [[]] : (JSON.parse(sequence) as [{ do: string }[]])
  if (steps.length === 0) return 'while preparing'
  return `${steps.length} ${steps.length === 1 ? 'step' : 'steps'}: ${steps.map((step) => step.do).join(', ')}`
}

/** The first check that notices it, with what it says; null when none does. */
export async function noticed(mutant: Mutant, options: CheckOptions): Promise<string | null> {
  const checks = {
    simulator: () => simulatedMutant(mutant, options),
    'conformance suite': () => conformance(mutant),
    'model test': () => modelled(mutant),
  }
  for (const [name, check] of Object.entries(checks)) {
    const found = await check()
    if (found !== null) return `${name}: ${found}`
  }
  return null
}
