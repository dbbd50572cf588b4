import { describe, expect, it } from 'vitest'
import { sleep, systemClock } from '../src/runtime.js'

const LONG_MS = 60_000

describe('sleep', () => {
  it('lets any number wait for one signal, wakes them all, and gives Node no leak to warn of', async () => {
    const warnings: Error[] = []
    const warned = (warning: Error) => warnings.push(warning)
    process.on('warning', warned)
    const closing = new AbortController()
    const sleepers = Array.from({ length: 50 }, () => sleep(systemClock, LONG_MS, closing.signal))
    await sleep(systemClock, 1, closing.signal)
    closing.abort()
    await Promise.all(sleepers)
    await sleep(systemClock, LONG_MS, closing.signal)
    await new Promise((resolve) => setImmediate(resolve))
    process.off('warning', warned)
    expect(warnings).toEqual([])
  })
})
