import { describe, expect, it } from 'vitest'
import { readOptions } from '../src/chaos/options.js'
import { runChaos } from '../src/chaos/run.js'
import { canStartRedis, HOW_TO_GET_REDIS } from '../src/chaos/servers/redis.js'

const canRun = canStartRedis || process.env.CI === 'true'
if (!canRun) console.warn(`skipped, ${HOW_TO_GET_REDIS}`)

describe.skipIf(!canRun)('a short run of chaos on redis', () => {
  it('ends with books that match, after kills, cuts and crashes that left their marks', async () => {
    const verdict = await runChaos({
      storage: 'redis',
      seed: 7,
      chaosMs: 12_000,
      leaseMs: 2_500,
      signal: new AbortController().signal,
      progress: (line) => console.log(line),
    })
    expect(verdict.breaches).toEqual([])
    expect(verdict.starts).toBeGreaterThan(50)
    expect(verdict.processesKilled).toBeGreaterThan(2)
    expect(verdict.faults.cutConnections).toBeGreaterThan(0)
    expect(verdict.faults.swallowReplies).toBeGreaterThan(0)
    expect(verdict.faults.crashServer).toBeGreaterThan(0)
    expect(verdict.recovery.slots).toBeGreaterThan(0)
    expect(verdict.mostHeld).toMatchObject({ solo: 1, trio: 3, dozen: 12 })
    expect(verdict.ended).toMatchObject({
      completed: expect.any(Number),
      failed: expect.any(Number),
      cancelled: expect.any(Number),
    })
  }, 180_000)
})

describe('options of npm run chaos', () => {
  it.each([
    [['--minutes', '0'], /--minutes must be above 0/],
    [['--minutes', 'ten'], /--minutes must be above 0/],
    [['--storages', 'redis,oracle'], /there is no storage "oracle"/],
    [['--seed', '-1'], /--seed/],
    [['--pace', '3'], /--pace/],
  ])('%j is refused with a reason', (args, reason) => {
    expect(readOptions(args, 'report.json')).toMatch(reason)
  })

  it('has a default for everything', () => {
    expect(readOptions([], 'report.json')).toMatchObject({
      minutes: 10,
      storages: ['redis', 'postgres', 'mysql', 'sqlite'],
      report: 'report.json',
    })
    expect(readOptions(['--help'], 'report.json')).toBe('help')
  })
})
