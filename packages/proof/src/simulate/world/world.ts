import { createQueue, isGenqueueError, type Queue, type Storage } from '@genqueue/core'
import type { Random } from '../../chaos/random.js'
import type { Feature } from '../features.js'
import { MODELS } from '../models.js'
import { Observer } from '../observer/observer.js'
import { Violation } from '../observer/violation.js'
import { Instance } from './instance.js'
import { Scheduler } from './scheduler.js'
import type { Setting } from './setting.js'
import { Timeline } from './timeline.js'
import { WakeUps } from './wake-ups.js'
import { Wire } from './wire.js'

export interface WorldOptions {
  readonly random: Random
  readonly setting: Setting
  /** One handle of the storage for each process. */
  readonly handles: readonly Storage[]
  /** A wrapper between a process and its way to the storage, where one is to be broken. */
  readonly clientOf?: (storage: Storage) => Storage
  /** Sets a new process to work. */
  readonly employ: (world: World, instance: Instance) => void
}

const DOWN_LEASES = 2
const RETRY = { maxAttempts: 3, baseMs: 200, maxMs: 2_000 }

/** Everything of one run: time, processes, the wire, the observer, and what happened. */
export class World {
  readonly random: Random
  readonly setting: Setting
  readonly scheduler: Scheduler
  readonly observer = new Observer()
  readonly timeline = new Timeline()
  readonly wire: Wire
  /** The present process of each place. */
  readonly instances: Instance[] = []
  step = 0
  /** What went wrong where nobody could be told; the run ends with it. */
  violation: Violation | null = null
  readonly #options: WorldOptions
  readonly #lives: number[] = []
  #asked = 0

  constructor(options: WorldOptions) {
    this.#options = options
    this.random = options.random
    this.setting = options.setting
    this.scheduler = new Scheduler(options.random)
    const { random, setting, scheduler, observer } = this
    const wakeUps = new WakeUps(scheduler, random)
    const note = (who: string, text: string) => this.note(who, text)
    const kill = (instance: Instance, why: string) => this.kill(instance, why)
    this.wire = new Wire({ random, setting, scheduler, observer, wakeUps, note, kill })
  }

  on(feature: Feature): boolean {
    return !this.setting.without.has(feature)
  }

  note(who: string, text: string): void {
    this.timeline.add({ step: this.step, at: this.scheduler.now - this.scheduler.startedAt, who, text })
  }

  fail(violation: Violation): void {
    this.violation ??= violation
  }

  /** A process begins its life in a place. */
  spawn(place: number): void {
    const life = (this.#lives[place] ?? 0) + 1
    this.#lives[place] = life
    const skewMs = Math.round((this.random.next() * 2 - 1) * this.setting.skewMs)
    const instance = new Instance(place, life, skewMs, this.scheduler, this.random)
    const inner = this.#options.handles[place % this.#options.handles.length] as Storage
    const storage = this.wire.storageOf(instance, inner)
    instance.queue = this.#queueOf(instance, this.#options.clientOf?.(storage) ?? storage)
    this.instances[place] = instance
    this.note(instance.name, skewMs === 0 ? 'starts' : `starts, its clock ${skewMs} ms off`)
    this.#options.employ(this, instance)
  }

  #queueOf(instance: Instance, storage: Storage): Queue {
    const { leaseMs, maxQueued, keepDoneMs } = this.setting
    const { clock, randomness } = instance
    const logger = { warn: () => {}, error: () => {} }
    const retention = { doneMs: keepDoneMs }
    const options = { models: MODELS, leaseMs, maxQueued, retention, retry: RETRY, clock, randomness, logger }
    const queue = createQueue({ storage, ...options })
    // A settle is announced once at most, whoever repeats it.
    for (const name of ['completed', 'failed', 'cancelled'] as const) {
      queue.on(name, ({ queueId }) => this.guard(() => this.observer.books.announce(queueId)))
    }
    return queue
  }

  kill(instance: Instance, why: string): void {
    if (!instance.alive) return
    instance.alive = false
    this.note(instance.name, why)
    this.wire.orphan(instance)
    const downMs = this.wire.calm ? 0 : this.random.next() * DOWN_LEASES * this.setting.leaseMs
    this.scheduler.after(downMs, () => this.spawn(instance.place))
  }

  /** A process that may be asked for something now. */
  anyInstance(): Instance | undefined {
    const able = this.instances.filter(
      ({ alive, closing, frozenUntil }) => alive && !closing && frozenUntil <= this.scheduler.now,
    )
    return able.length === 0 ? undefined : this.random.pick(able)
  }

  /**
   * A call of the app to its queue. What comes back is told; only errors of the family may be thrown.
   */
  ask<Answer>(
    instance: Instance,
    what: string,
    call: (queue: Queue) => Promise<Answer>,
    told: { done?: (answer: Answer) => void; failed?: (code: string) => void } = {},
  ): void {
    this.#asked += 1
    const number = this.#asked
    instance.asking.set(number, what)
    this.note(instance.name, `is asked to ${what}`)
    const end = (text: string, then: () => void) => {
      instance.asking.delete(number)
      this.note(instance.name, `${what}: ${text}`)
      this.guard(then)
    }
    call(instance.queue).then(
      (answer) => end('done', () => told.done?.(answer)),
      (error: unknown) => {
        if (isGenqueueError(error)) return end(error.code, () => told.failed?.(error.code))
        const said = error instanceof Error ? (error.stack ?? error.message) : String(error)
        this.fail(new Violation('contract', {}, `${what} threw no GenqueueError: ${said}`))
      },
    )
  }

  /** Runs what may find a violation outside the run's own course. */
  guard(act: () => void): void {
    try {
      act()
    } catch (error) {
      if (!(error instanceof Violation)) throw error
      this.fail(error)
    }
  }
}
