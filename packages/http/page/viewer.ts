import { askClear, askMany, CANCEL, RETRY } from './actions.js'
import { get, messageOf } from './api.js'
import { say } from './dialogs.js'
import { byId, h, keyedList, replace, setText } from './dom.js'
import { type Filters, filterQuery, readFilters, writeFilters } from './filters.js'
import { plural } from './format.js'
import { createItemRow } from './item-row.js'
import type { Item, Items, Model } from './types.js'

const STATUSES = ['queued', 'processing', 'completed', 'failed', 'cancelled']
const HEADINGS = ['Id', 'Status', 'Model', 'User', 'Prompt', 'Tickets', 'Queued', 'Wait', 'Run', 'Action']
const PAGE = 25
const TYPING_MS = 300

export interface Viewer {
  look(): Promise<void>
  models(models: readonly Model[]): void
  showStatus(status: string): void
}

interface Hooks {
  readonly changed: () => void
  readonly open: (queueId: number) => void
  readonly showUser: (userId: string) => void
}

function createFilterForm(apply: (filters: Partial<Filters>) => void) {
  const status = h('select', { name: 'status' }, h('option', { value: '' }, 'All statuses'))
  for (const name of STATUSES) status.append(h('option', { value: name }, name))
  const modelId = h('select', { name: 'modelId' }, h('option', { value: '' }, 'All models'))
  const userId = h('input', {
    name: 'userId',
    type: 'search',
    placeholder: 'Any user',
    maxlength: 191,
    autocomplete: 'off',
  })
  const text = h('input', {
    name: 'text',
    type: 'search',
    placeholder: 'In prompt or error',
    maxlength: 200,
    autocomplete: 'off',
  })
  const fields = { status, modelId, userId, text }
  let typing: ReturnType<typeof setTimeout> | undefined
  const submit = () => {
    clearTimeout(typing)
    apply({
      status: status.value,
      modelId: modelId.value,
      userId: userId.value.trim(),
      text: text.value.trim(),
      cursor: '',
    })
  }
  const node = h(
    'form',
    { class: 'filters', role: 'search', 'aria-label': 'Filter the queue' },
    h('label', {}, 'Status', status),
    h('label', {}, 'Model', modelId),
    h('label', {}, 'User', userId),
    h('label', {}, 'Text', text),
    h('button', { type: 'reset' }, 'Show all'),
  )
  node.addEventListener('submit', (event) => {
    event.preventDefault()
    submit()
  })
  node.addEventListener('change', submit)
  node.addEventListener('input', (event) => {
    if (event.target !== userId && event.target !== text) return
    clearTimeout(typing)
    typing = setTimeout(submit, TYPING_MS)
  })
  // After the fields are empty again.
  node.addEventListener('reset', () => setTimeout(submit))
  return {
    node,
    fill(filters: Filters) {
      for (const [name, field] of Object.entries(fields)) {
        const value = filters[name as keyof typeof fields]
        if (
          field instanceof HTMLSelectElement &&
          value !== '' &&
          ![...field.options].some((option) => option.value === value)
        )
          field.append(h('option', { value }, value))
        if (document.activeElement !== field) field.value = value
      }
    },
    models(ids: readonly string[]) {
      for (const id of ids) {
        if (![...modelId.options].some((option) => option.value === id))
          modelId.append(h('option', { value: id }, id))
      }
      modelId.value = readFilters().modelId
    },
  }
}

function createPager(go: (cursor: string) => void) {
  /** Cursors of the pages before this one; a reload forgets them and leads back to the newest. */
  const before: string[] = []
  let next: number | null = null
  const newer = h('button', { type: 'button' }, '← Newer')
  const older = h('button', { type: 'button' }, 'Older →')
  newer.addEventListener('click', () => go(before.pop() ?? ''))
  older.addEventListener('click', () => {
    before.push(readFilters().cursor)
    go(String(next))
  })
  const shown = h('span')
  return {
    node: h('div', { class: 'pager' }, newer, shown, older),
    reset: () => before.splice(0),
    update(count: number, cursor: number | null) {
      next = cursor
      newer.disabled = readFilters().cursor === ''
      older.disabled = cursor === null
      setText(shown, `${plural(count, 'generation')} shown`)
    },
  }
}

function createToolbar(changed: () => void): HTMLElement {
  const bulk = async (button: HTMLButtonElement, act: () => Promise<boolean>) => {
    button.disabled = true
    try {
      if (await act()) changed()
    } catch (error) {
      say(messageOf(error), 'bad')
    }
    button.disabled = false
    button.focus()
  }
  const button = (label: string, act: () => Promise<boolean>) => {
    const node: HTMLButtonElement = h(
      'button',
      { type: 'button', onclick: () => void bulk(node, act) },
      label,
    )
    return node
  }
  return h(
    'div',
    { class: 'toolbar' },
    button('Cancel all shown…', () => askMany(CANCEL, readFilters())),
    button('Retry all shown…', () => askMany(RETRY, readFilters())),
    button('Clear completed…', askClear),
  )
}

/** The queue: filters in the address, rows that change in place, actions, pages. */
export function createViewer({ changed, open, showUser }: Hooks): Viewer {
  const body = h('tbody')
  const empty = h('p', { class: 'empty', hidden: true })
  const apply = (filters: Partial<Filters>) => {
    writeFilters(filters)
    if (filters.cursor === '') pager.reset()
    form.fill(readFilters())
    changed()
  }
  const form = createFilterForm(apply)
  const pager = createPager((cursor) => {
    writeFilters({ cursor })
    changed()
  })
  byId('queue').append(
    h('div', { class: 'heading' }, h('h2', { id: 'queue-title' }, 'Queue'), createToolbar(changed)),
    form.node,
    h(
      'div',
      { class: 'panel scroll', tabindex: 0, role: 'region', 'aria-label': 'Generations' },
      h(
        'table',
        { class: 'items' },
        h(
          'thead',
          {},
          h(
            'tr',
            {},
            HEADINGS.map((heading) => h('th', { scope: 'col' }, heading)),
          ),
        ),
        body,
      ),
      empty,
    ),
    pager.node,
  )
  form.fill(readFilters())
  const show = keyedList<Item>(
    body,
    ({ queueId }) => queueId,
    (item) => createItemRow(item, { changed, open, showUser }),
  )

  return {
    async look() {
      const filters = readFilters()
      const query = filterQuery(filters)
      query.set('limit', String(PAGE))
      if (filters.cursor !== '') query.set('cursor', filters.cursor)
      const { items, cursor } = await get<Items>(`/items?${query}`)
      show(items)
      pager.update(items.length, cursor)
      empty.hidden = items.length > 0
      const filtered = [...filterQuery(filters)].length > 0
      replace(
        empty,
        cursor !== null
          ? 'None on this page; older ones may fit.'
          : filtered
            ? 'No generation fits these filters.'
            : 'No generations yet.',
      )
    },
    models: (models) => form.models(models.map(({ modelId }) => modelId)),
    showStatus(status) {
      apply({ status, modelId: '', userId: '', text: '', cursor: '' })
      byId('queue').scrollIntoView({ behavior: 'smooth' })
    },
  }
}
