import { FEATURES, type Feature } from './features.js'
import type { Grounds } from './grounds/ground.js'
import { type Outcome, type PlayOptions, play } from './play.js'

/** A run that fails, and how to have it again. */
export interface Failure {
  readonly options: PlayOptions
  readonly outcome: Outcome
}

export interface ShrinkBounds {
  /** Runs that may be tried, and for how long in all. */
  readonly runs: number
  readonly ms: number
}

/** Seeds tried for a shorter story once everything that can be left out is left out. */
const OTHER_SEEDS = 150
const ROUNDS = 2

/**
 * Looks for a shorter story of the same breach: leaves out every fault and deed without which it still happens, then asks
 * other seeds whether they get there sooner. Bounded in runs and in time; what was found last is answered.
 */
export async function shrink(grounds: Grounds, first: Failure, bounds: ShrinkBounds): Promise<Failure> {
  const giveUpAt = performance.now() + bounds.ms
  let best: Failure = { ...first, options: { ...first.options, steps: stepsOf(first) } }
  let runs = 0
  const attempt = async (change: Partial<PlayOptions>, shorter: boolean): Promise<void> => {
    if (runs >= bounds.runs || performance.now() > giveUpAt) return
    runs += 1
    const options = { ...best.options, ...change }
    const outcome = await play(grounds, options)
    if (outcome.violation?.law !== first.outcome.violation?.law) return
    if (shorter && lengthOf(outcome) >= lengthOf(best.outcome)) return
    best = { options: { ...options, steps: stepsOf({ options, outcome }) }, outcome }
  }
  for (let round = 0; round < ROUNDS; round++) {
    for (const feature of FEATURES) {
      const { without } = best.options
      if (!without.has(feature)) await attempt(sparing(without, feature, first), false)
    }
    // With less going on the breach may come later than it came at first: others may be quicker.
    for (let other = 1; other <= OTHER_SEEDS; other++) {
      await attempt({ seed: (first.options.seed + other + round * OTHER_SEEDS) % 2 ** 32 }, true)
    }
  }
  return best
}

const sparing = (
  without: ReadonlySet<Feature>,
  feature: Feature,
  { options }: Failure,
): Partial<PlayOptions> => ({ without: new Set([...without, feature]), steps: options.steps })

const lengthOf = ({ steps, calmSteps }: Outcome) => steps + calmSteps

/** No more steps than it takes; a breach of the calm end needs all that went before. */
const stepsOf = ({ outcome }: Failure): number => Math.max(1, outcome.steps)
