import type * as FastCheck from 'fast-check'
import type { Harness, Runner } from './harness.js'
import { Lockstep } from './lockstep.js'
import { stepArbitrary } from './model-steps.js'

export interface ModelTestOptions {
  /** Sequences of commands. Default 100, or GENQUEUE_MODEL_RUNS. */
  readonly runs?: number
  /** Commands of one sequence at most. Default 60. */
  readonly steps?: number
  /** Default: a new one each time, printed when it fails; or GENQUEUE_MODEL_SEED. */
  readonly seed?: number
}

const RUNS = 100
const STEPS = 60
/** Steps between two looks at all there is to see; every answer is compared at every step. */
const COMPARE_EVERY = 20

const environment = (name: string): number | undefined => {
  const value = typeof process === 'undefined' ? undefined : process.env[name]
  return value === undefined ? undefined : Number(value)
}

/**
 * Random batches of commands to the storage and to the reference in lockstep: every answer compared, every law checked
 * after every step, everything there is to see compared now and then and at the end. Pass fast-check in:
 * `modelTest({ describe, it }, harness, fc)`. A failure's message has the seed and the shortest failing sequence.
 */
export function modelTest(
  runner: Runner,
  harness: Harness,
  fc: typeof FastCheck,
  options: ModelTestOptions = {},
): void {
  const numRuns = environment('GENQUEUE_MODEL_RUNS') ?? options.runs ?? RUNS
  const seed = environment('GENQUEUE_MODEL_SEED') ?? options.seed
  const maxLength = options.steps ?? STEPS
  // Without `size` fast-check keeps an array to about ten entries, whatever its maxLength.
  const sequences = fc.array(stepArbitrary(fc), { maxLength, size: 'max' })
  runner.describe(`${harness.name}: model test`, () => {
    runner.it(`agrees with the plan over ${numRuns} random sequences`, () =>
      fc.assert(
        fc.asyncProperty(sequences, async (steps) => {
          const opened = await harness.create()
          try {
            await opened.storage.open()
            const lockstep = new Lockstep(opened.storage)
            await lockstep.prepare()
            for (const [i, step] of steps.entries()) {
              await lockstep.run(step)
              if (i % COMPARE_EVERY === COMPARE_EVERY - 1) await lockstep.compare()
            }
            await lockstep.compare()
          } finally {
            await opened.destroy()
          }
        }),
        { numRuns, ...(seed === undefined ? {} : { seed }) },
      ),
    )
  })
}
