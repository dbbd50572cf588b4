import type { Clock } from '../runtime.js'

interface Timer {
  readonly dueAt: number
  readonly order: number
  readonly callback: () => void
}

const START_MS = 1_700_000_000_000
/** Turns of the event loop given to promises between two timers; a storage's answer takes a few. */
const SETTLE_TURNS = 20

/** A clock that stands still until it is moved; timers fire in the order of their times while it moves. */
export class ManualClock implements Clock {
  #now: number
  #order = 0
  #timers: Timer[] = []

  constructor(startMs = START_MS) {
    this.#now = startMs
  }

  now(): number {
    return this.#now
  }

  get pendingTimers(): number {
    return this.#timers.length
  }

  /** Jumps without firing anything. */
  set(nowMs: number): void {
    this.#now = nowMs
  }

  setTimer(callback: () => void, delayMs: number): () => void {
    this.#order += 1
    const timer = { dueAt: this.#now + Math.max(0, delayMs), order: this.#order, callback }
    this.#timers.push(timer)
    return () => {
      this.#timers = this.#timers.filter((other) => other !== timer)
    }
  }

  /** Moves on by `ms`, firing what falls due, and lets promises settle in between. */
  async advance(ms: number): Promise<void> {
    const until = this.#now + ms
    await this.#settle()
    for (let timer = this.#takeDue(until); timer !== undefined; timer = this.#takeDue(until)) {
      this.#now = Math.max(this.#now, timer.dueAt)
      timer.callback()
      await this.#settle()
    }
    this.#now = until
    await this.#settle()
  }

  async #settle(): Promise<void> {
    for (let turn = 0; turn < SETTLE_TURNS; turn++) await Promise.resolve()
  }

  #takeDue(until: number): Timer | undefined {
    const due = this.#timers.filter((timer) => timer.dueAt <= until)
    const [first] = due.sort((a, b) => a.dueAt - b.dueAt || a.order - b.order)
    this.#timers = this.#timers.filter((timer) => timer !== first)
    return first
  }
}
