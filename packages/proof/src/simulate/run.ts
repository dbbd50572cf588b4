import type { Grounds } from './grounds/ground.js'
import { memoryGrounds } from './grounds/memory.js'
import { serverGrounds } from './grounds/servers.js'
import type { SimulatedStorage, SimulateOptions } from './options.js'
import { type Outcome, type PlayOptions, play } from './play.js'
import { Totals } from './report.js'
import type { Failure, ShrinkBounds } from './shrink.js'

/** Steps between two looks at all that a storage holds; and how long a failure may be made shorter. */
export const PACE: Readonly<
  Record<'memory' | 'server', { readonly lookEvery: number; readonly shrink: ShrinkBounds }>
> = {
  memory: { lookEvery: 20, shrink: { runs: 1_000, ms: 60_000 } },
  server: { lookEvery: 50, shrink: { runs: 60, ms: 120_000 } },
}

export const paceOf = (storage: SimulatedStorage) => PACE[storage === 'memory' ? 'memory' : 'server']

export const groundsOf = async (storage: SimulatedStorage): Promise<Grounds> =>
  storage === 'memory' ? memoryGrounds() : serverGrounds(storage)

export interface RunReport {
  readonly totals: Totals
  readonly last: Outcome | null
  /** The first run that broke a law; none after it was begun. */
  readonly failure: Failure | null
}

/** Seed after seed, until there are no more, the time is over or a law is broken. */
export async function runSeeds(
  grounds: Grounds,
  options: Omit<SimulateOptions, 'timeline' | 'mutations'>,
  told: (totals: Totals) => void = () => {},
): Promise<RunReport> {
  const { seed: first, seeds, steps, storage, minutes } = options
  const totals = new Totals()
  const { lookEvery } = paceOf(storage)
  const without = new Set(options.without)
  let last: Outcome | null = null
  const more = () => (minutes === null ? totals.seeds < seeds : totals.ms < minutes * 60_000)
  while (more()) {
    const seed = (first + totals.seeds) % 2 ** 32
    const playing: PlayOptions = { seed, steps, without, lookEvery }
    last = await play(grounds, playing)
    totals.add(last)
    if (last.violation !== null) return { totals, last, failure: { options: playing, outcome: last } }
    told(totals)
  }
  return { totals, last, failure: null }
}
