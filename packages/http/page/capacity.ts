import { h, replace } from './dom.js'
import { hourLabel, lastHours } from './scale.js'
import type { Stats } from './types.js'

const HOUR_MS = 3_600_000
const LEVELS = 5

/** Slot time used of the slot time there was. Runs count in the hour they end in, so an hour may seem to exceed itself. */
const share = (busyMs: number, maxConcurrent: number) => Math.min(1, busyMs / (maxConcurrent * HOUR_MS))

const percent = (part: number) => `${Math.round(part * 100)} %`

/** One row per model, one cell per hour, darker the more of its slots were in use. */
export function createCapacity() {
  const grid = h('div', {
    class: 'scroll',
    tabindex: 0,
    role: 'region',
    'aria-label': 'Capacity use by model and hour',
  })
  const node = h(
    'article',
    { class: 'panel padded wide' },
    h('h3', {}, 'Capacity use per model'),
    h(
      'ul',
      { class: 'legend heat' },
      h('li', {}, 'idle'),
      Array.from({ length: LEVELS + 1 }, (_, level) =>
        h('li', {}, h('i', { 'data-level': level, 'aria-hidden': 'true' })),
      ),
      h('li', {}, 'all slots'),
    ),
    grid,
  )
  let drawn = ''
  return {
    node,
    update({ at, models, hours }: Stats) {
      const columns = lastHours(at)
      const limits = models.map(({ modelId, maxConcurrent }) => [modelId, maxConcurrent])
      const busy = new Map(hours.map(({ modelId, hour, busyMs }) => [`${modelId} ${hour}`, busyMs]))
      const signature = JSON.stringify([columns[0], limits, [...busy]])
      if (signature === drawn) return
      drawn = signature
      const cell = (modelId: string, maxConcurrent: number, hour: string) => {
        const part = share(busy.get(`${modelId} ${hour}`) ?? 0, maxConcurrent)
        const level = part === 0 ? 0 : Math.max(1, Math.ceil(part * LEVELS))
        return h(
          'td',
          { 'data-level': level, title: `${modelId}, ${hourLabel(hour)}: ${percent(part)}` },
          h('span', { class: 'hidden' }, percent(part)),
        )
      }
      replace(
        grid,
        h(
          'table',
          { class: 'heat' },
          h(
            'thead',
            {},
            h(
              'tr',
              {},
              h('th', { scope: 'col' }, h('span', { class: 'hidden' }, 'Model')),
              columns.map((hour, index) =>
                h(
                  'th',
                  { scope: 'col' },
                  h('span', { class: index % 3 === 2 ? '' : 'hidden' }, hourLabel(hour).slice(0, 2)),
                ),
              ),
            ),
          ),
          h(
            'tbody',
            {},
            models.map(({ modelId, maxConcurrent }) =>
              h(
                'tr',
                {},
                h('th', { scope: 'row' }, modelId),
                columns.map((hour) => cell(modelId, maxConcurrent, hour)),
              ),
            ),
          ),
        ),
      )
    },
  }
}
