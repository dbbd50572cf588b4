import type { Plan } from '../plan.js'
import { Stage, type StageScene } from '../stage.js'

export interface Scene extends StageScene {
  readonly plan: Plan
}

/** Sets up, adds jobs and asks the storage; runs none. */
export const OPERATOR = 'operator'
/** What a library may take to note the last end in its storage. */
const SETTLE_MS = 15_000

export async function onStage<Result>(
  scene: Scene,
  play: (stage: Stage) => Promise<Result>,
): Promise<Result> {
  const stage = new Stage(scene)
  await stage.open()
  try {
    return await play(stage)
  } finally {
    await stage.close()
  }
}

/** What the storage still has of jobs, once it has had time to note the last end. */
export async function settled(stage: Stage): Promise<number> {
  let left = 0
  const none = async () => {
    left = await stage.ask(OPERATOR, { order: 'left' })
    return left === 0
  }
  await stage.until('the storage to note the last end', none, SETTLE_MS)
  return left
}

/** Accepted jobs that neither ended nor are in the storage. */
export const lostOf = (accepted: number, done: number, left: number) => Math.max(0, accepted - done - left)

export const workersOf = (count: number) => Array.from({ length: count }, (_, i) => `worker-${i + 1}`)
export const seconds = (ms: number) => `${(ms / 1_000).toFixed(1)} s`
