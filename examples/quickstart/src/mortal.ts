import type { Clock, Storage } from '@genqueue/core'
import { systemClock } from '@genqueue/core'

/**
 * A process that can die: its storage connection and its clock go dead at once, as with kill -9. What it had claimed
 * stays claimed, its heartbeats stop, and nothing it was doing reaches the storage any more.
 */
export interface Mortal {
  readonly storage: Storage
  readonly clock: Clock
  /** Aborted at death: what the process had under way stops with it. */
  readonly alive: AbortSignal
  kill(): void
}

const never = new Promise<never>(() => {})

export function createMortal(storage: Storage): Mortal {
  const life = new AbortController()
  const severed = new Proxy(storage, {
    get(target, name, receiver) {
      const value: unknown = Reflect.get(target, name, receiver)
      if (typeof value !== 'function') return value
      return (...args: unknown[]) =>
        life.signal.aborted ? never : (value as (...a: unknown[]) => unknown).apply(target, args)
    },
  })
  const clock: Clock = {
    now: systemClock.now,
    setTimer: (callback, delayMs) =>
      systemClock.setTimer(() => void (life.signal.aborted || callback()), delayMs),
  }
  return { storage: severed, clock, alive: life.signal, kill: () => life.abort() }
}
