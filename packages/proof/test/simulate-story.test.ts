import { describe, expect, it } from 'vitest'
import { memoryGrounds } from '../src/simulate/grounds/memory.js'
import { brokenStorage } from '../src/simulate/mutations/mutant.js'
import { MUTANTS } from '../src/simulate/mutations/mutants.js'
import { readOptions } from '../src/simulate/options.js'
import { play } from '../src/simulate/play.js'
import { againWith } from '../src/simulate/report.js'
import { runSeeds } from '../src/simulate/run.js'
import { shrink } from '../src/simulate/shrink.js'
import { storyOf } from '../src/simulate/story.js'

const OPTIONS = { seed: 1, seeds: 20, steps: 2_000, storage: 'memory', minutes: null, without: [] } as const

const broken = (name: string) => {
  const mutant = MUTANTS.find((one) => one.name === name)
  if (mutant === undefined) throw new Error(`there is no break "${name}"`)
  return memoryGrounds('broken', () => brokenStorage(mutant))
}

describe('a broken law', () => {
  it.each([
    ['drops the refund of a cancel', 4, /apply .* cancel #\d+/],
    ['lets a newcomer overtake', 2, /admit .* processing/],
  ])(
    'by a storage that %s becomes a story that a person can read',
    async (name, law, last) => {
      const grounds = broken(name)
      const { failure } = await runSeeds(grounds, OPTIONS)
      if (failure === null) throw new Error('nothing was noticed')
      const least = await shrink(grounds, failure, { runs: 90, ms: 30_000 })
      const { violation, lines, steps } = least.outcome
      expect(violation?.law).toBe(law)
      expect(steps).toBeLessThanOrEqual(failure.outcome.steps)
      expect(least.options.without.size).toBeGreaterThan(10)
      const story = violation === null ? [] : storyOf(lines, violation)
      expect(story.length).toBeLessThan(80)
      expect(story.at(-1)).toMatch(last)
    },
    90_000,
  )

  it('happens again by the command that is printed', async () => {
    const grounds = broken('skips the fence')
    const { failure } = await runSeeds(grounds, OPTIONS)
    if (failure === null) throw new Error('nothing was noticed')
    const least = await shrink(grounds, failure, { runs: 40, ms: 20_000 })
    const printed = againWith(least.options, 'memory')
    const again = readOptions(printed.replace('npm run simulate -- ', '').split(' '), 0)
    if (typeof again === 'string') throw new Error(again)
    const without = new Set(again.without)
    const outcome = await play(grounds, { ...again, without, lookEvery: least.options.lookEvery })
    expect(outcome.hash).toBe(least.outcome.hash)
    expect(outcome.violation?.message).toBe(least.outcome.violation?.message)
  }, 60_000)
})

describe('options of npm run simulate', () => {
  it.each([
    [['--steps', '0'], /--steps must be/],
    [['--seeds', 'many'], /--seeds must be/],
    [['--seed', '1.5'], /--seed must be/],
    [['--minutes', '0'], /--minutes must be above 0/],
    [['--storage', 'oracle'], /there is no storage "oracle"/],
    [['--without', 'deaths,rain'], /--without rain/],
    [['--pace', '3'], /--pace/],
  ])('%j is refused with a reason', (args, reason) => {
    expect(readOptions(args, 5)).toMatch(reason)
  })

  it('has a default for everything, one seed where one is named, a hundred where none is', () => {
    const all = { steps: 2_000, storage: 'memory', minutes: null, without: [], mutations: false }
    expect(readOptions([], 5)).toMatchObject({ ...all, seed: 5, seeds: 100 })
    expect(readOptions(['--seed', '9'], 5)).toMatchObject({ ...all, seed: 9, seeds: 1 })
    expect(readOptions(['--help'], 5)).toBe('help')
  })
})
