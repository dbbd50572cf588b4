import type { Clock, Queue, Randomness, Worker } from '@genqueue/core'
import type { Random } from '../../chaos/random.js'
import type { Owner, Scheduler } from './scheduler.js'

/** One life of one process of the app: it ends for good, and another takes its place. */
export class Instance implements Owner {
  alive = true
  frozenUntil = 0
  closing = false
  readonly workers: Worker[] = []
  /** Calls of the app under way, by what they were about. */
  readonly asking = new Map<number, string>()
  readonly name: string
  readonly place: number
  readonly clock: Clock
  readonly randomness: Randomness
  #queue: Queue | undefined

  constructor(place: number, life: number, skewMs: number, scheduler: Scheduler, random: Random) {
    this.place = place
    this.name = life === 1 ? `app-${place + 1}` : `app-${place + 1}.${life}`
    this.clock = {
      now: () => scheduler.now + skewMs,
      // Nothing is awaited: what a timer begins may wait for a storage call that is an event of its own.
      setTimer: (callback, delayMs) => scheduler.after(delayMs, () => void callback(), this),
    }
    let tokens = 0
    const tokenOf = () => {
      tokens += 1
      return `${this.name}-${tokens}`
    }
    this.randomness = { next: () => random.next(), token: tokenOf }
  }

  get queue(): Queue {
    if (this.#queue === undefined) throw new Error(`${this.name} has no queue yet`)
    return this.#queue
  }

  set queue(queue: Queue) {
    this.#queue = queue
  }
}
