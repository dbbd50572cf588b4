/**
 * The only file of core that touches the wall clock, timers and randomness. Everything else is handed
 * these, so that tests and simulations can replace them.
 */

export interface Clock {
  /** Epoch milliseconds. */
  now(): number
  /** Runs `callback` once after `delayMs`; returns how to call it off. */
  setTimer(callback: () => void, delayMs: number): () => void
}

export interface Randomness {
  /** Uniform in [0, 1). */
  next(): number
  /** A string that nobody can guess and that does not repeat. */
  token(): string
}

export const systemClock: Clock = {
  now: () => Date.now(),
  setTimer(callback, delayMs) {
    const timer = setTimeout(callback, delayMs)
    return () => clearTimeout(timer)
  },
}

const POOL_WORDS = 1_024

/** 96 random bits a token, drawn from the system's generator in pools because single draws cost more than the rest of an enqueue. */
export function systemRandomness(): Randomness {
  const pool = new Uint32Array(POOL_WORDS)
  let used = POOL_WORDS
  const word = () => {
    if (used === POOL_WORDS) {
      crypto.getRandomValues(pool)
      used = 0
    }
    return pool[used++] as number
  }
  return {
    next: () => word() / 2 ** 32,
    token: () => `${word().toString(36)}${word().toString(36)}${word().toString(36)}`,
  }
}

/** Resolves after `delayMs`, or at once when `signal` aborts. */
export function sleep(clock: Clock, delayMs: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal?.aborted) return resolve()
    const finish = () => {
      cancel()
      signal?.removeEventListener('abort', finish)
      resolve()
    }
    const cancel = clock.setTimer(finish, delayMs)
    signal?.addEventListener('abort', finish, { once: true })
  })
}
