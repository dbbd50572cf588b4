import { describe, expect, it } from 'vitest'
import { canStartRedis, HOW_TO_GET_REDIS } from '../src/chaos/servers/redis.js'
import type { ContenderName } from '../src/scoreboard/contenders.js'
import type { Plan } from '../src/scoreboard/plan.js'
import { type Figures, type RunOptions, runAll } from '../src/scoreboard/run.js'

/** The harness itself, on genqueue: that it measures, and that what it counts can be other than 0. */
const SMALL: Plan = {
  processes: 2,
  cap: 3,
  perProcess: 5,
  drain: { jobs: 24, runMs: 100 },
  kill: { rounds: 1, waiting: 6, runMs: 200, boundMs: 20_000 },
  speed: { turns: 1, fillMs: 200, raceMs: 500 },
  leaseMs: 2_000,
}

async function figuresOf(
  contender: ContenderName,
  options: Pick<RunOptions, 'toldCap'> = {},
): Promise<Figures> {
  const signal = new AbortController().signal
  const progress = (line: string) => console.log(line)
  const [row] = await runAll({ contenders: [contender], plan: SMALL, signal, progress, ...options })
  if (row === undefined || typeof row.figures === 'string')
    throw new Error(row?.figures as string | undefined)
  return row.figures
}

describe('the scoreboard on genqueue in memory', () => {
  it('drains under the cap, with nothing lost or doubled', async () => {
    const { drain, kills, speed, server } = await figuresOf('memory')
    expect(drain).toMatchObject({ begins: 24, startsOverCap: 0, mostAtOnce: 3, lost: 0, doneTwice: 0 })
    expect(drain.tookMs).toBeGreaterThanOrEqual(drain.idealMs * 0.95)
    expect(drain.idleShare).toBeGreaterThanOrEqual(0)
    expect(drain.idleShare).toBeLessThan(0.9)
    expect(speed.addsPerSecond).toBeGreaterThan(10)
    expect(speed.runsPerSecond).toBeGreaterThan(10)
    expect({ kills, server }).toEqual({ kills: [], server: null })
  }, 60_000)

  it('counts the starts over the cap of one that was told another', async () => {
    const { drain } = await figuresOf('memory', { toldCap: 5 })
    expect(drain.mostAtOnce).toBe(5)
    expect(drain.startsOverCap).toBeGreaterThan(0)
  }, 60_000)
})

const canRun = canStartRedis || process.env.CI === 'true'
if (!canRun) console.warn(`skipped, ${HOW_TO_GET_REDIS}`)

describe.skipIf(!canRun)('the scoreboard on genqueue on redis', () => {
  it('sees the slots of a killed process work again, after its lease and not before', async () => {
    const { kills, drain, server } = await figuresOf('redis')
    expect(server).toMatch(/^Redis \d/)
    expect(drain).toMatchObject({ startsOverCap: 0, lost: 0, doneTwice: 0 })
    // Six new jobs and the three that were held, which begin twice.
    expect(kills).toMatchObject([{ startsOverCap: 0, lost: 0, doneTwice: 0, left: 0, begins: 12 }])
    // The last renewal was at most a third of the lease before.
    expect(kills[0]?.backAfterMs).toBeGreaterThan((SMALL.leaseMs as number) / 2)
    expect(kills[0]?.backAfterMs).toBeLessThan(20_000)
  }, 120_000)
})
