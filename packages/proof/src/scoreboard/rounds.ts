import { monotonicMs, pause } from '../chaos/time.js'
import { CONTENDERS } from './contenders.js'
import type { Plan } from './plan.js'
import { Stage, type StageScene } from './stage.js'

export interface Drain {
  readonly jobs: number
  readonly begins: number
  readonly startsOverCap: number
  readonly mostAtOnce: number
  /** From the word to start until the last handler ended. */
  readonly tookMs: number
  readonly idealMs: number
  readonly doneTwice: number
  readonly lost: number
}

export interface Kill {
  /** From the kill until as many handlers as the cap ran at once again; null when that did not come in time. */
  readonly backAfterMs: number | null
  readonly accepted: number
  readonly startsOverCap: number
  readonly doneTwice: number
  /** Still waiting or held in the storage when the time was over. */
  readonly left: number
  /** Neither done nor in the storage. */
  readonly lost: number
}

const OPERATOR = 'operator'
const HOLDER = 'holder'
/** Rounds count their jobs from different numbers. */
const JOBS_APART = 1_000
const DRAIN_MS_MAX = 180_000
/** What a library may take to note the last end in its storage. */
const SETTLE_MS = 15_000
const HOLD_MS = 60_000
const HELD_RUN_MS = 3_600_000
/** Kills fall at different moments between two heartbeats. */
const KILL_AFTER_MS = [1_000, 2_500, 4_200]
/** After the slots are back, for the rest of the jobs. */
const REST_MS = 60_000

export interface Scene extends StageScene {
  readonly plan: Plan
  readonly progress: (line: string) => void
}

async function onStage<Result>(scene: Scene, play: (stage: Stage) => Promise<Result>): Promise<Result> {
  const stage = new Stage(scene)
  await stage.open()
  try {
    return await play(stage)
  } finally {
    await stage.close()
  }
}

/** A backlog, and all processes told to start at once. */
export function drainRound(scene: Scene): Promise<Drain> {
  const { contender, plan, progress } = scene
  const { jobs, runMs } = plan.drain
  return onStage(scene, async (stage) => {
    await stage.start([OPERATOR])
    await stage.ask(OPERATOR, { order: 'setUp' })
    await stage.ask(OPERATOR, { order: 'add', from: 0, count: jobs })
    const workers = CONTENDERS[contender].storage === null ? [OPERATOR] : namesOf(plan.processes)
    await stage.start(workers.filter((who) => who !== OPERATOR))
    await stage.askAll(workers, { order: 'prepare', runMs })
    const startedAt = monotonicMs()
    await stage.askAll(workers, { order: 'go' })
    const tally = () => stage.observer.tally(plan.cap)
    await stage.until(() => tally().done >= jobs, DRAIN_MS_MAX)
    const left = await settled(stage)
    const { done, lastEndAt, ...seen } = tally()
    const tookMs = (lastEndAt ?? monotonicMs()) - startedAt
    const idealMs = (jobs * runMs) / plan.cap
    progress(`${done} of ${jobs} jobs in ${seconds(tookMs)}, ${seen.startsOverCap} starts over the cap`)
    return { ...seen, jobs, tookMs, idealMs, lost: Math.max(0, jobs - done - left) }
  })
}

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

async function killRound({ plan, progress }: Scene, stage: Stage, round: number): Promise<Kill> {
  const { cap } = plan
  const { waiting, runMs, boundMs } = plan.kill
  const first = (round + 1) * JOBS_APART
  const tally = () => stage.observer.tally(cap)
  await stage.start([OPERATOR, HOLDER])
  await stage.ask(OPERATOR, { order: 'add', from: first, count: cap })
  await stage.ask(HOLDER, { order: 'prepare', runMs: HELD_RUN_MS })
  await stage.ask(HOLDER, { order: 'go' })
  if (!(await stage.until(() => tally().begins >= cap, HOLD_MS))) {
    throw new Error(`one process did not take all ${cap} slots within ${seconds(HOLD_MS)}`)
  }
  await stage.ask(OPERATOR, { order: 'add', from: first + cap, count: waiting })
  const others = namesOf(plan.processes - 1)
  await stage.start(others)
  await stage.askAll(others, { order: 'prepare', runMs })
  await stage.askAll(others, { order: 'go' })
  await pause(KILL_AFTER_MS[round % KILL_AFTER_MS.length] as number)
  const killedAt = await stage.kill(HOLDER)
  progress(`holder of all slots killed, waiting for them`)
  const back = await stage.until(() => tally().fullAgainAt !== null, boundMs)
  const accepted = cap + waiting
  if (back) await stage.until(() => tally().done >= accepted, REST_MS)
  const left = await settled(stage)
  const { done, doneTwice, startsOverCap, fullAgainAt } = tally()
  const backAfterMs = fullAgainAt === null ? null : fullAgainAt - killedAt
  progress(
    backAfterMs === null ? `not back within ${seconds(boundMs)}` : `back after ${seconds(backAfterMs)}`,
  )
  return {
    backAfterMs,
    accepted,
    startsOverCap,
    doneTwice,
    left,
    lost: Math.max(0, accepted - done - left),
  }
}

/** What the storage still has of jobs, once it has had time to note the last end. */
async function settled(stage: Stage): Promise<number> {
  let left = 0
  await stage.until(async () => {
    left = await stage.ask(OPERATOR, { order: 'left' })
    return left === 0
  }, SETTLE_MS)
  return left
}

const namesOf = (count: number) => Array.from({ length: count }, (_, i) => `worker-${i + 1}`)
const seconds = (ms: number) => `${(ms / 1_000).toFixed(1)} s`
