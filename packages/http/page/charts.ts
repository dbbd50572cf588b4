import { createCapacity } from './capacity.js'
import { byId, type Child, h, replace } from './dom.js'
import { count, duration, NONE } from './format.js'
import { bar, drawPlot, line } from './plot.js'
import { hourLabel, lastHours, ticks } from './scale.js'
import type { HourTotal, Stats } from './types.js'

const OUTCOMES = ['completed', 'failed', 'cancelled'] as const

type ByHour = ReadonlyMap<string, HourTotal>

function throughput(hours: readonly string[], found: ByHour): Child {
  const totals = hours.map((hour) =>
    OUTCOMES.reduce((sum, outcome) => sum + (found.get(hour)?.[outcome] ?? 0), 0),
  )
  return drawPlot({
    label: 'Generations that ended in each of the last 24 hours',
    hours,
    marks: ticks(Math.max(...totals), true),
    unit: count,
    draw: (plot) =>
      hours.flatMap((hour, index) => {
        let from = 0
        return OUTCOMES.map((outcome) => {
          const value = found.get(hour)?.[outcome] ?? 0
          from += value
          return bar(
            plot,
            index,
            from - value,
            from,
            outcome,
            `${hourLabel(hour)}: ${count(value)} ${outcome}`,
          )
        })
      }),
  })
}

const WAITS = [
  { key: 'waitMsP50', tone: 'half', name: 'half started within' },
  { key: 'waitMsP90', tone: 'most', name: '9 of 10 started within' },
] as const

function waits(hours: readonly string[], found: ByHour): Child {
  const valuesOf = (key: (typeof WAITS)[number]['key']) => hours.map((hour) => found.get(hour)?.[key] ?? null)
  const highest = Math.max(0, ...WAITS.flatMap(({ key }) => valuesOf(key).map((value) => value ?? 0)))
  return drawPlot({
    label: 'Wait from queued to started, median and ninth decile, in each of the last 24 hours',
    hours,
    marks: ticks(Math.max(1, highest / 1_000)).map((seconds) => seconds * 1_000),
    unit: (ms) => (ms === 0 ? '0' : duration(ms)),
    draw: (plot) =>
      WAITS.map(({ key, tone, name }) => line(plot, valuesOf(key), tone, (ms) => `${name} ${duration(ms)}`)),
  })
}

function table(hours: readonly string[], found: ByHour): Child {
  const headings = [
    'Hour',
    'Queued',
    'Started',
    'Completed',
    'Failed',
    'Cancelled',
    'Wait p50',
    'Wait p90',
    'Run p50',
  ]
  const row = (hour: string) => {
    const total = found.get(hour)
    if (total === undefined) return null
    const numbers = [total.admitted, total.started, total.completed, total.failed, total.cancelled].map(count)
    const times = [total.waitMsP50, total.waitMsP90, total.runMsP50].map(duration)
    return h(
      'tr',
      {},
      h('th', { scope: 'row' }, hourLabel(hour)),
      [...numbers, ...times].map((text) => h('td', { class: 'number' }, text)),
    )
  }
  return h(
    'div',
    { class: 'scroll', tabindex: 0, role: 'region', 'aria-label': 'Figures by hour' },
    h(
      'table',
      { class: 'figures' },
      h(
        'thead',
        {},
        h(
          'tr',
          {},
          headings.map((name) => h('th', { scope: 'col' }, name)),
        ),
      ),
      h('tbody', {}, hours.map(row)),
    ),
  )
}

const legend = (...entries: readonly (readonly [tone: string, name: string])[]) =>
  h(
    'ul',
    { class: 'legend' },
    entries.map(([tone, name]) => h('li', {}, h('i', { class: tone, 'aria-hidden': 'true' }), name)),
  )

const nothing = (text: string) => h('p', { class: 'empty' }, text)

/** The last 24 hours, of all models or of one; drawn anew only when something in them changed. */
export function createCharts(): (stats: Stats) => void {
  const choice = h(
    'select',
    { 'aria-label': 'Model of the charts' },
    h('option', { value: '' }, 'All models'),
  )
  const ended = h('div', { class: 'chart' })
  const waited = h('div', { class: 'chart' })
  const capacity = createCapacity()
  const figures = h('div')
  const totals = h('p', { class: 'summary' })
  byId('charts').append(
    h('div', { class: 'heading' }, h('h2', { id: 'charts-title' }, 'Last 24 hours'), totals, choice),
    h(
      'div',
      { class: 'charts' },
      h(
        'article',
        { class: 'panel padded' },
        h('h3', {}, 'Throughput'),
        legend(['completed', 'completed'], ['failed', 'failed'], ['cancelled', 'cancelled']),
        ended,
      ),
      h(
        'article',
        { class: 'panel padded' },
        h('h3', {}, 'Wait until started'),
        legend(['half', 'half within (p50)'], ['most', '9 of 10 within (p90)']),
        waited,
      ),
      capacity.node,
    ),
    h('details', { class: 'more' }, h('summary', {}, 'The same as a table'), figures),
  )
  let latest: Stats | undefined
  let drawn = ''
  const draw = () => {
    if (latest === undefined) return
    const hours = lastHours(latest.at)
    const modelId = choice.value
    const shown: readonly HourTotal[] =
      modelId === '' ? latest.hourTotals : latest.hours.filter((hour) => hour.modelId === modelId)
    const signature = JSON.stringify([hours[0], shown])
    if (signature === drawn) return
    drawn = signature
    const found: ByHour = new Map(shown.map((hour) => [hour.hour, hour]))
    const sum = (of: (hour: HourTotal) => number) => shown.reduce((total, hour) => total + of(hour), 0)
    const done = sum((hour) => hour.completed)
    const failed = sum((hour) => hour.failed)
    const over = done + failed + sum((hour) => hour.cancelled)
    const rate = done + failed === 0 ? NONE : `${((100 * done) / (done + failed)).toFixed(1)} % succeeded`
    const captured = count(sum((hour) => hour.ticketsCaptured))
    replace(totals, over === 0 ? null : `${count(done)} completed, ${rate}, ${captured} tickets captured`)
    replace(ended, over === 0 ? nothing('Nothing ended in these hours.') : throughput(hours, found))
    const started = sum((hour) => hour.started)
    replace(waited, started === 0 ? nothing('Nothing started in these hours.') : waits(hours, found))
    replace(figures, table(hours, found))
  }
  choice.addEventListener('change', draw)
  return (stats) => {
    latest = stats
    const known = new Set(Array.from(choice.options, (option) => option.value))
    for (const { modelId } of stats.models)
      if (!known.has(modelId)) choice.append(h('option', { value: modelId }, modelId))
    draw()
    capacity.update(stats)
  }
}
