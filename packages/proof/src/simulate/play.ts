import { createQueue, type Storage } from '@genqueue/core'
import { seeded } from '../chaos/random.js'
import { direct } from './actors/director.js'
import { employ } from './actors/workers.js'
import type { Feature } from './features.js'
import type { Ground, Grounds } from './grounds/ground.js'
import { Violation } from './observer/violation.js'
import { lookAtAll } from './observer/whole.js'
import { digestAtOnce } from './world/digest.js'
import { drawSetting } from './world/setting.js'
import type { Line } from './world/timeline.js'
import { World } from './world/world.js'

export interface PlayOptions {
  readonly seed: number
  /** Storage calls and scheduled events before the faults stop. */
  readonly steps: number
  readonly without: ReadonlySet<Feature>
  /** Steps between two looks at everything that the storage holds. */
  readonly lookEvery: number
  /** Breaks a storage as processes see it. */
  readonly clientOf?: (storage: Storage) => Storage
}

export interface Outcome {
  readonly seed: number
  /** Steps before the faults stopped, or before the violation; and those of the calm end. */
  readonly steps: number
  readonly calmSteps: number
  readonly virtualMs: number
  readonly violation: Violation | null
  readonly lines: readonly Line[]
  /** The same for the same seed, steps, storage and version. */
  readonly hash: string
  readonly seen: ReadonlyMap<string, number>
}

/** Until everything accepted has settled, after the faults have stopped. */
const CALM_STEPS_MAX = 30_000
const RESUME_EVERY_MS = 1_000

/** One run from an empty storage to settled books. */
export async function play(grounds: Grounds, options: PlayOptions): Promise<Outcome> {
  const ground = await grounds.fresh()
  const random = seeded(options.seed)
  const setting = drawSetting(random, options.without)
  const { handles } = ground
  const { clientOf } = options
  const client = clientOf === undefined ? {} : { clientOf }
  const world = new World({ random, setting, handles, employ, ...client })
  world.observer.books.recalls = handles[0]?.supports.shared === true
  const goBack = digestAtOnce()
  const leaveUnhandled = watchRejections(world)
  let violation: Violation | null = null
  try {
    await perform(world, ground, options)
  } catch (error) {
    if (!(error instanceof Violation)) throw error
    violation = error
  } finally {
    for (const instance of world.instances) instance.alive = false
    await settled()
    await ground.close()
    leaveUnhandled()
    goBack()
  }
  return outcomeOf(world, options, violation)
}

function outcomeOf(world: World, { seed, steps: asked }: PlayOptions, violation: Violation | null): Outcome {
  const { timeline, scheduler, observer, step } = world
  const steps = Math.min(step, asked)
  return {
    seed,
    steps,
    calmSteps: step - steps,
    virtualMs: scheduler.now - scheduler.startedAt,
    violation,
    lines: timeline.lines,
    hash: timeline.hash(),
    seen: observer.seen,
  }
}

/** A promise that fails with nobody to hear of it would end an app's process. Answers how to stop watching. */
function watchRejections(world: World): () => void {
  const unhandled = (reason: unknown) => {
    const said = reason instanceof Error ? (reason.stack ?? reason.message) : String(reason)
    world.fail(new Violation('contract', {}, `a failure that nobody hears of: ${said}`))
  }
  process.on('unhandledRejection', unhandled)
  return () => process.off('unhandledRejection', unhandled)
}

async function perform(world: World, ground: Ground, { steps, lookEvery }: PlayOptions): Promise<void> {
  for (let place = 0; place < world.setting.processes; place++) world.spawn(place)
  direct(world)
  const look = () => lookAtAll(world.observer.books, ground.evidence)
  while (world.step < steps) {
    await oneStep(world)
    if (world.step % lookEvery === 0) await look()
  }
  await calmDown(world)
  await look()
  await selfExamined(ground.handles[0] as Storage, world)
}

/** The next event, and everything that follows from it without waiting. */
async function oneStep(world: World): Promise<void> {
  const act = world.scheduler.next()
  if (act === null) throw new Violation(7, {}, 'nothing will ever happen again')
  world.step += 1
  await act()
  await settled()
  if (world.violation !== null) throw world.violation
}

/** All promises that can go on have gone on: microtasks run before the event loop comes to an immediate. */
const settled = () => new Promise((resolve) => setImmediate(resolve))

/** The faults stop. What was accepted must settle, whoever was asked must answer, and every queue must close. */
async function calmDown(world: World): Promise<void> {
  world.note('everybody', 'the faults stop')
  world.wire.calm = true
  const { books } = world.observer
  for (const instance of world.instances) instance.frozenUntil = 0
  const resume = () => {
    const me = world.anyInstance()
    for (const { modelId, paused } of books.models.values()) {
      if (paused && me !== undefined) {
        world.ask(me, `resume ${modelId}`, (queue) => queue.limits.set(modelId, { paused: false }))
      }
    }
    // A pause that was under way may come later.
    world.scheduler.after(RESUME_EVERY_MS, resume)
  }
  const until = world.step + CALM_STEPS_MAX
  const go = async (done: () => boolean, stuck: () => Violation) => {
    while (!done()) {
      if (world.step >= until) throw stuck()
      await oneStep(world)
    }
  }
  resume()
  const asking = () =>
    world.instances.flatMap(({ alive, asking: calls }) => (alive ? [...calls.values()] : []))
  await go(
    () => books.live === 0 && asking().length === 0 && world.wire.underWay.size === 0,
    () =>
      books.live > 0 ? notSettled(world) : new Violation(7, {}, `never answered: ${asking().join('; ')}`),
  )
  for (const me of world.instances) world.ask(me, 'close', (queue) => queue.close())
  await go(
    () => asking().length === 0,
    () => new Violation(7, {}, `never closed: ${asking().join('; ')}`),
  )
}

function notSettled({ observer }: World): Violation {
  const left = [...observer.books.generations.values()].find(({ settledAt }) => settledAt === null)
  return new Violation(
    7,
    left ?? {},
    `#${left?.queueId} is still ${left?.status} long after the faults stopped`,
  )
}

/** The library's own examination of itself, in addition. */
async function selfExamined(storage: Storage, world: World): Promise<void> {
  const { clock } = world.instances[0] as (typeof world.instances)[number]
  const queue = createQueue({ storage: { ...storage, close: async () => {} }, models: {}, clock })
  const { findings } = await queue.verify()
  const [first] = findings
  if (first !== undefined) throw new Violation(first.law as 9, first.subject, `verify found ${first.message}`)
}
