import { estimateWait, HISTOGRAM_BOUNDS_MS, histogramBin, quantile } from '@genqueue/core'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'

const NOW = 1_700_000_000_000
const input = { maxConcurrent: 2, activeStartedAt: [], recentRunMs: [], nowMs: NOW, defaultRunMs: 30_000 }

describe('estimateWait', () => {
  it('is nothing while slots are free, and a round more for each full round ahead', () => {
    const estimate = estimateWait({ ...input, recentRunMs: [10_000, 10_000], activeStartedAt: [NOW - 4_000] })
    expect([1, 2, 3, 4, 5].map(estimate)).toEqual([0, 6_000, 10_000, 16_000, 20_000])
  })

  it('goes by the default while a model has no run times', () => {
    const estimate = estimateWait({ ...input, activeStartedAt: [NOW, NOW - 10_000] })
    expect([1, 2, 3].map(estimate)).toEqual([20_000, 30_000, 50_000])
  })

  it('follows the newest run times', () => {
    const slow = estimateWait({
      ...input,
      activeStartedAt: [NOW, NOW],
      recentRunMs: [60_000, 60_000, 60_000, 5_000, 5_000],
    })
    expect(slow(1)).toBeGreaterThan(40_000)
  })

  it('expects a little more of what has outlasted all others', () => {
    const estimate = estimateWait({
      ...input,
      activeStartedAt: [NOW - 90_000, NOW - 90_000],
      recentRunMs: [10_000],
    })
    expect(estimate(1)).toBe(1_000)
  })

  it('is whole, never negative, grows with the position, at any depth', () => {
    const ms = fc.integer({ min: 0, max: 3_600_000 })
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 50 }),
        fc.array(ms, { maxLength: 60 }),
        fc.array(ms, { maxLength: 32 }),
        fc.integer({ min: 1, max: 1_000_000 }),
        (maxConcurrent, elapsed, recentRunMs, position) => {
          const activeStartedAt = elapsed.map((value) => NOW - value)
          const estimate = estimateWait({ ...input, maxConcurrent, activeStartedAt, recentRunMs })
          expect(Number.isSafeInteger(estimate(position))).toBe(true)
          expect(estimate(1)).toBeGreaterThanOrEqual(0)
          expect(estimate(position + maxConcurrent)).toBeGreaterThanOrEqual(estimate(position))
          expect(estimate(position + 1)).toBeGreaterThanOrEqual(0)
        },
      ),
    )
  })
})

describe('histogram', () => {
  it('has increasing whole bounds, and each value is in the bin of the last bound at or below it', () => {
    expect(
      HISTOGRAM_BOUNDS_MS.every(
        (bound, i) => Number.isInteger(bound) && bound > (HISTOGRAM_BOUNDS_MS[i - 1] ?? 0),
      ),
    ).toBe(true)
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 2_000_000_000 }), (value) => {
        expect(histogramBin(value)).toBe(HISTOGRAM_BOUNDS_MS.filter((bound) => bound <= value).length)
      }),
    )
  })

  it('finds quantiles to within a bin', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 4, max: 1_000_000 }), { minLength: 1, maxLength: 200 }),
        (values) => {
          const bins = new Map<number, number>()
          for (const value of values) bins.set(histogramBin(value), (bins.get(histogramBin(value)) ?? 0) + 1)
          const sorted = [...values].sort((a, b) => a - b)
          const exact = sorted[Math.ceil(values.length / 2) - 1] as number
          const found = quantile(bins, 0.5) as number
          expect(found).toBeGreaterThan(exact * 0.75)
          expect(found).toBeLessThan(exact * 1.3 + 1)
        },
      ),
    )
    expect(quantile(new Map(), 0.5)).toBeNull()
  })
})
