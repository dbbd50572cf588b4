import { byId, h, setAttribute, setText } from './dom.js'
import { count, duration } from './format.js'
import type { Stats } from './types.js'

interface Card {
  readonly name: string
  readonly tone: string
  readonly value: (stats: Stats) => string
  readonly note: (stats: Stats) => string
  /** Status that a click filters the queue by. */
  readonly status?: string
}

const slots = ({ models }: Stats) => ({
  active: models.reduce((sum, model) => sum + model.active, 0),
  all: models.reduce((sum, model) => sum + model.maxConcurrent, 0),
})

const sumHours = ({ hourTotals }: Stats, what: 'completed' | 'failed' | 'cancelled') =>
  `${count(hourTotals.reduce((sum, hour) => sum + hour[what], 0))} in the last 24 h`

const CARDS: readonly Card[] = [
  {
    name: 'Queued',
    tone: 'queued',
    status: 'queued',
    value: (stats) => count(stats.queued),
    note: ({ models }) => {
      const waits = models.flatMap(({ nextWaitMs }) => (nextWaitMs === null ? [] : [nextWaitMs]))
      return waits.length === 0 ? 'nobody waits' : `the next waits ${duration(Math.max(...waits))}`
    },
  },
  {
    name: 'Processing',
    tone: 'processing',
    status: 'processing',
    value: (stats) => count(stats.processing),
    note: (stats) => `${count(slots(stats).active)} of ${count(slots(stats).all)} slots in use`,
  },
  {
    name: 'Completed',
    tone: 'completed',
    status: 'completed',
    value: (stats) => count(stats.completed),
    note: (stats) => sumHours(stats, 'completed'),
  },
  {
    name: 'Failed',
    tone: 'failed',
    status: 'failed',
    value: (stats) => count(stats.failed),
    note: (stats) => sumHours(stats, 'failed'),
  },
  {
    name: 'Cancelled',
    tone: 'cancelled',
    status: 'cancelled',
    value: (stats) => count(stats.cancelled),
    note: (stats) => sumHours(stats, 'cancelled'),
  },
  {
    name: 'Average wait',
    tone: 'time',
    value: (stats) => duration(stats.waitMsAverage),
    note: ({ waitMsP90 }) =>
      waitMsP90 === null ? 'none started yet' : `9 of 10 within ${duration(waitMsP90)}`,
  },
  {
    name: 'Average run',
    tone: 'time',
    value: (stats) => duration(stats.runMsAverage),
    note: ({ runMsP90 }) => (runMsP90 === null ? 'none ended yet' : `9 of 10 within ${duration(runMsP90)}`),
  },
]

/** The cards at the top; those of a status lead to the queue filtered by it. */
export function createOverview(showStatus: (status: string) => void): (stats: Stats) => void {
  const list = h('ul', { class: 'cards' })
  byId('overview').append(list)
  const views = CARDS.map((card) => {
    const value = h('strong', {}, '…')
    const note = h('small')
    const body = [h('span', { class: 'name' }, card.name), value, note]
    const { status } = card
    const inner =
      status === undefined
        ? h('div', {}, body)
        : h(
            'button',
            { type: 'button', onclick: () => showStatus(status), title: `Show ${status} generations` },
            body,
          )
    list.append(h('li', { class: `card ${card.tone}` }, inner))
    return { card, value, note, node: list.lastElementChild as Element }
  })
  return (stats) => {
    for (const { card, value, note, node } of views) {
      setText(value, card.value(stats))
      setText(note, card.note(stats))
      setAttribute(node, 'data-zero', card.value(stats) === '0' ? '' : null)
    }
  }
}
