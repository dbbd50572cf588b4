import type { Clock } from '../runtime.js'

interface Timer {
  readonly dueAt: number
  readonly order: number
  readonly callback: () => void
}

/** A clock that stands still until it is moved; timers fire in the order of their times while it moves. */
export interface ManualClock extends Clock {
  /** Moves on by `ms`, firing what falls due, and lets promises settle in between. */
  advance(ms: number): Promise<void>
  /** Jumps without firing anything. */
  set(nowMs: number): void
  readonly pendingTimers: number
}

/** Turns of the event loop given to promises between two timers; a storage's answer takes a few. */
const SETTLE_TURNS = 20

export function createManualClock(startMs = 1_700_000_000_000): ManualClock {
  let now = startMs
  let order = 0
  let timers: Timer[] = []

  const settle = async () => {
    for (let turn = 0; turn < SETTLE_TURNS; turn++) await Promise.resolve()
  }
  const takeDue = (until: number): Timer | undefined => {
    const due = timers.filter((timer) => timer.dueAt <= until)
    due.sort((a, b) => a.dueAt - b.dueAt || a.order - b.order)
    const [first] = due
    if (first !== undefined) timers = timers.filter((timer) => timer !== first)
    return first
  }

  return {
    now: () => now,
    set: (nowMs) => {
      now = nowMs
    },
    setTimer(callback, delayMs) {
      order += 1
      const timer = { dueAt: now + Math.max(0, delayMs), order, callback }
      timers.push(timer)
      return () => {
        timers = timers.filter((other) => other !== timer)
      }
    },
    async advance(ms) {
      const until = now + ms
      await settle()
      for (let timer = takeDue(until); timer !== undefined; timer = takeDue(until)) {
        now = Math.max(now, timer.dueAt)
        timer.callback()
        await settle()
      }
      now = until
      await settle()
    },
    get pendingTimers() {
      return timers.length
    },
  }
}
