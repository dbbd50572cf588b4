import { describe, expect, it } from 'vitest'
import { type Death, type Sighting, type Tally, tallyOf } from '../src/scoreboard/books.js'
import { readOptions } from '../src/scoreboard/options.js'
import { pageOf } from '../src/scoreboard/page.js'
import { WHOLE } from '../src/scoreboard/plan.js'
import { lostOf } from '../src/scoreboard/rounds/scene.js'
import type { Figures, Row } from '../src/scoreboard/run.js'

/** The scoreboard's judges, each shown what it must count, and the page that is made of it. */
const begin = (at: number, who: string, job: number): Sighting => ({ what: 'begin', at, who, job })
const end = (at: number, who: string, job: number): Sighting => ({ what: 'end', at, who, job })

describe('what an observer counts with a cap of 2', () => {
  const CASES: readonly [string, readonly Sighting[], readonly Death[], Partial<Tally>][] = [
    ['nothing', [], [], { begins: 0, done: 0, mostAtOnce: 0, lastEndAt: null, lastBeginAt: null }],
    [
      'jobs within the cap',
      [begin(0, 'a', 1), begin(1, 'b', 2), end(5, 'a', 1), begin(5, 'a', 3), end(9, 'b', 2), end(9, 'a', 3)],
      [],
      { begins: 3, done: 3, startsOverCap: 0, mostAtOnce: 2, lastEndAt: 9, doneTwice: 0, idleMs: 1 },
    ],
    [
      'starts over it',
      [begin(0, 'a', 1), begin(1, 'b', 2), begin(2, 'a', 3), begin(3, 'b', 4)],
      [],
      { begins: 4, startsOverCap: 2, mostAtOnce: 4, done: 0 },
    ],
    [
      'a job that ends twice',
      [begin(0, 'a', 1), end(1, 'a', 1), begin(2, 'b', 1), end(3, 'b', 1)],
      [],
      { begins: 2, done: 1, doneTwice: 1, startsOverCap: 0 },
    ],
    [
      'that a dead process runs nothing',
      [begin(0, 'a', 1), begin(0, 'a', 2), begin(20, 'b', 1), begin(21, 'b', 2)],
      [{ who: 'a', at: 10 }],
      { begins: 4, startsOverCap: 0, mostAtOnce: 2, mostSinceDeath: 2, fullAgainAt: 21, idleMs: 21 },
    ],
    [
      'not the fullness of before a death',
      [begin(0, 'a', 1), begin(0, 'a', 2), begin(20, 'b', 1)],
      [{ who: 'a', at: 10 }],
      { fullAgainAt: null, mostAtOnce: 2, mostSinceDeath: 1 },
    ],
    [
      'not the last words of a dead process',
      [begin(0, 'a', 1), begin(11, 'a', 2), begin(20, 'b', 1)],
      [{ who: 'a', at: 10 }],
      { begins: 2, fullAgainAt: null },
    ],
    [
      'idle slots until the last begin and not after',
      [begin(10, 'a', 1), end(20, 'a', 1), begin(30, 'a', 2), end(100, 'a', 2)],
      [],
      { idleMs: 20 + 10 + 20, lastBeginAt: 30, lastEndAt: 100 },
    ],
  ]
  it.each(CASES)('%s', (_, sightings, deaths, tally) => {
    expect(tallyOf(sightings, deaths, 2)).toMatchObject(tally)
    expect(tallyOf([...sightings].reverse(), deaths, 2).begins).toBe(tallyOf(sightings, deaths, 2).begins)
  })

  it('jobs that are nowhere', () => {
    expect(lostOf(10, 7, 3)).toBe(0)
    expect(lostOf(10, 7, 1)).toBe(2)
  })
})

describe('the page', () => {
  const figures: Figures = {
    node: 'v20.20.2',
    server: 'Redis 7.0.15',
    drain: {
      jobs: 201,
      begins: 201,
      startsOverCap: 0,
      mostAtOnce: 3,
      tookMs: 10_440,
      idealMs: 10_050,
      idleShare: 0.031,
      doneTwice: 0,
      lost: 0,
    },
    kills: [13_000, 12_000, 14_100].map((backAfterMs) => ({
      backAfterMs,
      slotsBack: 3,
      begins: 18,
      startsOverCap: 0,
      mostAtOnce: 3,
      doneTwice: 0,
      left: 0,
      lost: 0,
    })),
    speed: { addsPerSecond: 14_974, runsPerSecond: 7_548 },
  }
  const peer: Figures = {
    ...figures,
    drain: { ...figures.drain, startsOverCap: 4, mostAtOnce: 5, lost: 2, doneTwice: 1, tookMs: 9_000 },
    kills: figures.kills.slice(0, 1).map((kill) => ({ ...kill, backAfterMs: null })),
    speed: { addsPerSecond: 30_000, runsPerSecond: 7_600 },
  }
  const rows: readonly Row[] = [
    { contender: 'redis', figures },
    { contender: 'bullmq', figures: peer },
    { contender: 'pg-boss', figures: 'needs Node 22.12.0;\nthis | that' },
  ]
  const page = pageOf(rows, { plan: WHOLE, date: '2026-01-02', machine: 'two cores' })
  const line = (start: string) => page.split('\n').find((text) => text.startsWith(start)) ?? ''

  it('has a row for each contender, with the best of a column in bold', () => {
    expect(line('| genqueue')).toMatch(
      /\| \*\*0 of 255\*\* \| 10.4 s \(104 %\) \| 3.1 % \| \*\*13.0 s \(longest 14.1 s\)\*\* \| \*\*0\*\* \| \*\*0\*\* \| 15,000 \| 7,500 \|$/,
    )
    expect(line('| BullMQ')).toMatch(
      /\| 4 of 219 \(5 at once\) \| 9.0 s \(90 %\) † \| 3.1 % † \| more than 90 s \| 2 \| 1 \| \*\*30,000\*\* \|/,
    )
    expect(line('| pg-boss')).toMatch(/not measured: needs Node 22.12.0; this that \|/)
  })

  it('tells where a peer is ahead of genqueue on the same server, and not what is noise', () => {
    expect(line('- BullMQ on Redis: ')).toBe('- BullMQ on Redis: adds/s 30,000 beside 15,000.')
  })

  it('says when, where and with what it was measured', () => {
    expect(page).toMatch(/2026-01-02; two cores/)
    expect(page).toMatch(/- BullMQ on Redis: bullmq \d+\.\d+\.\d+, Redis 7.0.15, node 20.20.2/)
  })
})

describe('options of npm run scoreboard', () => {
  it.each([
    [['--only', 'redis,rabbit'], /there is no contender "rabbit"/],
    [['--pace', '3'], /--pace/],
    [['redis'], /redis/],
  ])('%j is refused with a reason', (args, reason) => {
    expect(readOptions(args, 'page.md')).toMatch(reason)
  })

  it('writes the page only of a whole run, or where it is told to', () => {
    expect(readOptions([], 'page.md')).toMatchObject({ out: 'page.md' })
    expect(readOptions(['--quick'], 'page.md')).toMatchObject({ out: null })
    expect(readOptions(['--only', 'redis'], 'page.md')).toMatchObject({ out: null, contenders: ['redis'] })
    expect(readOptions(['--only', 'redis', '--out', 'x'], 'page.md')).toMatchObject({ out: 'x' })
    expect(readOptions(['--help'], 'page.md')).toBe('help')
  })
})
