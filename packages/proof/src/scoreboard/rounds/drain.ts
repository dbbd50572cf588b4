import { monotonicMs } from '../../chaos/time.js'
import { CONTENDERS } from '../contenders.js'
import { lostOf, OPERATOR, onStage, type Scene, seconds, settled, workersOf } from './scene.js'

export interface Drain {
  readonly jobs: number
  readonly begins: number
  readonly startsOverCap: number
  readonly mostAtOnce: number
  /** From the word to start until the last handler ended; null when it did not come to that in time. */
  readonly tookMs: number | null
  readonly idealMs: number
  /** Of the slots, while jobs waited for one. */
  readonly idleShare: number
  readonly doneTwice: number
  readonly lost: number
}

const DRAIN_MS_MAX = 180_000

/** A backlog, and all processes told to start at once. */
export function drainRound(scene: Scene): Promise<Drain> {
  const { contender, plan, progress } = scene
  const { jobs, runMs } = plan.drain
  return onStage(scene, async (stage) => {
    await stage.start([OPERATOR])
    await stage.ask(OPERATOR, { order: 'setUp' })
    await stage.ask(OPERATOR, { order: 'add', from: 0, count: jobs })
    const inOneProcess = CONTENDERS[contender].storage === null
    const workers = inOneProcess ? [OPERATOR] : workersOf(plan.processes)
    if (!inOneProcess) await stage.start(workers)
    await stage.askAll(workers, { order: 'prepare', runMs })
    const startedAt = monotonicMs()
    await stage.askAll(workers, { order: 'go' })
    const tally = () => stage.observer.tally(plan.cap, startedAt)
    const all = await stage.until(`${jobs} jobs`, () => tally().done >= jobs, DRAIN_MS_MAX)
    const left = await settled(stage)
    const { done, lastEndAt, lastBeginAt, idleMs, begins, startsOverCap, mostAtOnce, doneTwice } = tally()
    const tookMs = all && lastEndAt !== null ? lastEndAt - startedAt : null
    const waitedMs = (lastBeginAt ?? startedAt) - startedAt
    progress(
      `${done} of ${jobs} jobs in ${seconds(tookMs ?? DRAIN_MS_MAX)}, ${startsOverCap} starts over the cap`,
    )
    return {
      jobs,
      begins,
      startsOverCap,
      mostAtOnce,
      tookMs,
      idealMs: Math.ceil(jobs / plan.cap) * runMs,
      idleShare: waitedMs > 0 ? idleMs / (plan.cap * waitedMs) : 1,
      doneTwice,
      lost: lostOf(jobs, done, left),
    }
  })
}
