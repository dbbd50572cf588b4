import { quantile } from '../../chaos/judge/recovery.js'
import { OPERATOR, onStage, type Scene } from './scene.js'

/** One process, jobs that do nothing, and no cap. */
export interface Speed {
  readonly addsPerSecond: number
  readonly runsPerSecond: number
}

export function middleOf(speeds: readonly Speed[]): Speed {
  const middle = (name: keyof Speed) =>
    quantile(
      speeds.map((speed) => speed[name]),
      0.5,
    ) ?? 0
  return { addsPerSecond: middle('addsPerSecond'), runsPerSecond: middle('runsPerSecond') }
}

/** What it may hold in memory. */
const JOBS_MAX = 100_000
const PER_PROCESS = 50

/** On a storage of its own: it leaves jobs behind. */
export function speedRound(scene: Scene): Promise<Speed> {
  const { plan, progress } = scene
  const { fillMs, raceMs } = plan.speed
  const ground = { ...scene.ground, cap: null, perProcess: PER_PROCESS }
  return onStage({ ...scene, ground }, async (stage) => {
    await stage.start([OPERATOR])
    await stage.ask(OPERATOR, { order: 'setUp' })
    const addsPerSecond = await stage.ask(OPERATOR, { order: 'fill', forMs: fillMs, most: JOBS_MAX })
    const runsPerSecond = await stage.ask(OPERATOR, { order: 'race', forMs: raceMs })
    progress(`without a cap ${Math.round(addsPerSecond)} adds and ${Math.round(runsPerSecond)} runs a second`)
    return { addsPerSecond, runsPerSecond }
  })
}
