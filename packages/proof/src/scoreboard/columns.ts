import { quantile } from '../chaos/judge/recovery.js'
import type { Plan } from './plan.js'
import type { Figures } from './run.js'

/** One number of the table. */
export interface Column {
  readonly head: string
  /** How it is measured, for people who have not seen the harness. */
  readonly legend: string
  /** Null where there is nothing to compare. */
  value(figures: Figures): number | null
  cell(figures: Figures): string
  readonly better: 'low' | 'high'
}

const seconds = (ms: number) => `${(ms / 1_000).toFixed(1)} s`
const whole = (ms: number) => `${ms / 1_000} s`
const rounds = ({ drain, kills }: Figures) => [drain, ...kills]
const sum = (figures: Figures, name: 'begins' | 'startsOverCap' | 'lost' | 'doneTwice') =>
  rounds(figures).reduce((total, round) => total + round[name], 0)
/** In steps that a reader can compare: two figures. */
const rounded = (rate: number) => Number(rate.toPrecision(2)).toLocaleString('en-US')

export const columnsOf = (plan: Plan): readonly Column[] => [
  startsOverCap(plan),
  drain(plan),
  idle(),
  back(plan),
  count('lost', 'lost', 'accepted jobs that neither ran to their end nor wait in the storage.'),
  count('doubled', 'doneTwice', 'jobs that ran to their end more than once.'),
  rate(
    'adds/s',
    'addsPerSecond',
    `jobs a second that one process adds, 100 a call and one call after the other, for ${whole(plan.speed.fillMs)}; median of ${plan.speed.turns} turns.`,
  ),
  rate(
    'runs/s',
    'runsPerSecond',
    `of those, jobs a second that one process runs, 50 at once, by a handler that does nothing, with no cap, for at most ${whole(plan.speed.raceMs)}; median of ${plan.speed.turns} turns.`,
  ),
]

const startsOverCap = ({ cap }: Plan): Column => ({
  head: 'starts over the cap',
  legend: `handlers that began while ${cap} others ran, of all that began. A killed process counts as running nothing.`,
  value: (figures) => sum(figures, 'startsOverCap'),
  cell(figures) {
    const over = sum(figures, 'startsOverCap')
    const most = Math.max(...rounds(figures).map(({ mostAtOnce }) => mostAtOnce))
    const atOnce = over > 0 ? ` (${most} at once)` : ''
    return `${over} of ${sum(figures, 'begins')}${atOnce}`
  },
  better: 'low',
})

/** Marks what was reached by starts over the cap, and is compared with nothing. */
export const OVER = ' †'

const drain = ({ processes, cap, drain: { jobs, runMs } }: Plan): Column => ({
  head: 'drain',
  legend: `time for a backlog of ${jobs} jobs of ${runMs} ms, from the word to start to the last end, in ${processes} processes; ${seconds(Math.ceil(jobs / cap) * runMs)} would be ideal, which the share in brackets is of.`,
  value: ({ drain: { tookMs, startsOverCap } }) => (startsOverCap > 0 ? null : tookMs),
  cell: ({ drain: { tookMs, idealMs, startsOverCap } }) =>
    tookMs === null
      ? 'did not end'
      : `${seconds(tookMs)} (${((100 * tookMs) / idealMs).toFixed(0)} %)${startsOverCap > 0 ? OVER : ''}`,
  better: 'low',
})

const idle = (): Column => ({
  head: 'idle slots',
  legend: 'share of the cap that ran nothing in the drain while jobs waited.',
  value: ({ drain: { idleShare, startsOverCap } }) => (startsOverCap > 0 ? null : idleShare),
  cell: ({ drain: { idleShare, startsOverCap } }) =>
    `${(100 * idleShare).toFixed(1)} %${startsOverCap > 0 ? OVER : ''}`,
  better: 'low',
})

const back = ({ kill }: Plan): Column => ({
  head: 'dead holder, slots back after',
  legend: `one process holds all slots and is killed (SIGKILL) while others wait for them: time until as many handlers as the cap run again. Median of ${kill.rounds} kills, and the longest; observed for ${whole(kill.boundMs)}.`,
  value(figures) {
    const took = times(figures)
    if (took.length === 0) return null
    return quantile(
      took.map((ms) => ms ?? Number.POSITIVE_INFINITY),
      0.5,
    )
  },
  cell(figures) {
    const took = times(figures)
    if (took.length === 0) return 'nothing outlives its process'
    const [known, never] = [took.filter((ms) => ms !== null), `more than ${kill.boundMs / 1_000} s`]
    const [middle, longest] = [quantile(known, 0.5), Math.max(...known)]
    if (middle === null) return never
    if (known.length < took.length) return `${seconds(middle)} (longest ${never})`
    return known.length === 1 ? seconds(middle) : `${seconds(middle)} (longest ${seconds(longest)})`
  },
  better: 'low',
})

const times = ({ kills }: Figures) => kills.map(({ backAfterMs }) => backAfterMs)

const count = (head: string, name: 'lost' | 'doneTwice', legend: string): Column => ({
  head,
  legend,
  value: (figures) => sum(figures, name),
  cell: (figures) => String(sum(figures, name)),
  better: 'low',
})

const rate = (head: string, name: 'addsPerSecond' | 'runsPerSecond', legend: string): Column => ({
  head,
  legend,
  value: ({ speed }) => speed[name],
  cell: ({ speed }) => rounded(speed[name]),
  better: 'high',
})
