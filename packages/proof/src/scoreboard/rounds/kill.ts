import { pause } from '../../chaos/time.js'
import { CONTENDERS } from '../contenders.js'
import type { Stage } from '../stage.js'
import { lostOf, OPERATOR, onStage, type Scene, seconds, settled, workersOf } from './scene.js'

export interface Kill {
  /** From the kill until as many handlers as the cap ran at once again; null when that did not come in time. */
  readonly backAfterMs: number | null
  /** The most slots seen to work at once after the kill. */
  readonly slotsBack: number
  readonly begins: number
  readonly startsOverCap: number
  readonly mostAtOnce: number
  readonly doneTwice: number
  /** Still waiting or held in the storage when the time was over. */
  readonly left: number
  readonly lost: number
}

const HOLDER = 'holder'
/** Rounds count their jobs from different numbers. */
const JOBS_APART = 1_000
const HOLD_MS = 60_000
const HELD_RUN_MS = 3_600_000
/** Kills fall at different moments between two heartbeats. */
const KILL_AFTER_MS = [1_000, 2_500, 4_200]
/** After the slots are back, for the rest of the jobs. */
const REST_MS = 60_000

/** Ends early when the slots did not come back: then there is nothing to begin the next round with. */
export async function killRounds(scene: Scene): Promise<Kill[]> {
  const { contender, plan } = scene
  const kills: Kill[] = []
  if (CONTENDERS[contender].storage === null) return kills
  while (kills.length < plan.kill.rounds) {
    const kill = await onStage(scene, (stage) => killRound(scene, stage, kills.length))
    kills.push(kill)
    if (kill.backAfterMs === null || kill.left > 0) break
  }
  return kills
}

/** One process holds all slots and dies; others have been waiting for them since before. */
async function killRound({ plan, progress }: Scene, stage: Stage, round: number): Promise<Kill> {
  const { cap } = plan
  const { waiting, runMs, boundMs } = plan.kill
  const first = (round + 1) * JOBS_APART
  const tally = () => stage.observer.tally(cap)
  await stage.start([OPERATOR, HOLDER])
  await stage.ask(OPERATOR, { order: 'add', from: first, count: cap })
  await stage.ask(HOLDER, { order: 'prepare', runMs: HELD_RUN_MS })
  await stage.ask(HOLDER, { order: 'go' })
  if (!(await stage.until('one process to hold all slots', () => tally().begins >= cap, HOLD_MS))) {
    throw new Error(`one process did not take all ${cap} slots within ${seconds(HOLD_MS)}`)
  }
  await stage.ask(OPERATOR, { order: 'add', from: first + cap, count: waiting })
  const others = workersOf(plan.processes - 1)
  await stage.start(others)
  await stage.askAll(others, { order: 'prepare', runMs })
  await stage.askAll(others, { order: 'go' })
  await pause(KILL_AFTER_MS[round % KILL_AFTER_MS.length] as number)
  const killedAt = await stage.kill(HOLDER)
  const back = await stage.until('the slots of a killed holder', () => tally().fullAgainAt !== null, boundMs)
  const accepted = cap + waiting
  if (back) await stage.until('the jobs behind it', () => tally().done >= accepted, REST_MS)
  const left = await settled(stage)
  const {
    done,
    doneTwice,
    begins,
    startsOverCap,
    mostAtOnce,
    mostSinceDeath: slotsBack,
    fullAgainAt,
  } = tally()
  const backAfterMs = fullAgainAt === null ? null : fullAgainAt - killedAt
  const how =
    backAfterMs === null
      ? `${slotsBack} of ${cap} back within ${seconds(boundMs)}`
      : `back after ${seconds(backAfterMs)}`
  progress(`holder of all slots killed, ${how}`)
  const lost = lostOf(accepted, done, left)
  return { backAfterMs, slotsBack, begins, startsOverCap, mostAtOnce, doneTwice, left, lost }
}
