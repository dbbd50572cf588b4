import { createHash } from 'node:crypto'

/**
 * Besides storage and timers one thing in core is asynchronous, the SHA-256 of a request that brings a key: the platform
 * computes it on another thread, and when that is done is nobody's choice. Here it is done at once; answers how to go back.
 */
export function digestAtOnce(): () => void {
  const { subtle } = globalThis.crypto
  Object.defineProperty(subtle, 'digest', {
    configurable: true,
    value: async (algorithm: string, data: Uint8Array) =>
      new Uint8Array(createHash(algorithm.replace('-', '')).update(data).digest()).buffer,
  })
  return () => {
    Reflect.deleteProperty(subtle, 'digest')
  }
}
