import type { Random } from '../../chaos/random.js'
import type { FaultName, Feature } from '../features.js'

/** What is drawn once for a run: how many processes, how long leases last, how bad the weather is. */
export interface Setting {
  readonly without: ReadonlySet<Feature>
  readonly processes: number
  readonly leaseMs: number
  readonly pollMs: number
  readonly concurrency: number
  readonly maxQueued: number
  /** Most live generations before users hold back. */
  readonly crowd: number
  readonly keepDoneMs: number
  /** Mean pause between two deeds. */
  readonly paceMs: number
  /** Clocks of processes differ by up to so much, either way. */
  readonly skewMs: number
  /** Commands carry the time of the storage, as in production, or that of their process. */
  readonly times: 'of the storage' | 'of the process'
  readonly listens: boolean
  /** Calls of a process arrive in the order in which they were sent, as over one connection. */
  readonly inOrder: boolean
  readonly batchMax: number
  readonly inFlight: number
  /** How likely each fault is, of a call or of a deed. */
  readonly odds: Readonly<Record<FaultName, number>>
}

export const PROCESSES_MAX = 4
const LEASES_MS = [1_000, 1_500, 3_000, 12_000]
const SKEWS_MS = [0, 50, 1_000, 20_000]
const WEATHERS = [0, 0.3, 1, 1, 3]

/** Everything is drawn whether or not it is used, so that what is left out moves nothing else. */
export function drawSetting(random: Random, without: ReadonlySet<Feature>): Setting {
  const processes = random.between(2, PROCESSES_MAX)
  const leaseMs = random.pick(LEASES_MS)
  const skewMs = random.pick(SKEWS_MS)
  const times = random.pick(['of the storage', 'of the process'] as const)
  const weather = random.pick(WEATHERS)
  const odds = (fault: FaultName, chance: number) => (without.has(fault) ? 0 : chance * weather)
  return {
    without,
    processes: without.has('crowd') ? 1 : processes,
    leaseMs,
    pollMs: random.pick([200, 1_000, 3_000]),
    concurrency: random.pick([1, 3, 20]),
    maxQueued: random.pick([6, 1_000, 1_000]),
    crowd: random.pick([10, 30, 60]),
    keepDoneMs: random.pick([3_000, 30_000, 3_600_000]),
    paceMs: random.pick([15, 50, 150]),
    skewMs: without.has('skew') ? 0 : skewMs,
    times,
    listens: random.next() < 0.5,
    inOrder: random.next() < 0.4,
    batchMax: random.pick([1, 3, 25, 25]),
    inFlight: random.pick([1, 2, 4]),
    odds: {
      deaths: odds('deaths', 0.004),
      freezes: odds('freezes', 0.02),
      refusals: odds('refusals', 0.01),
      outages: odds('outages', 0.006),
      'lost-replies': odds('lost-replies', 0.02),
      duplicates: odds('duplicates', 0.02),
      delays: odds('delays', 0.05),
      skew: 0,
    },
  }
}
