import { actionOf, askOne } from './actions.js'
import { h, replace, setAttribute, setText, type View } from './dom.js'
import { between, count, duration, fullTime, NONE, shortTime } from './format.js'
import type { Item } from './types.js'

interface Hooks {
  readonly changed: () => void
  readonly open: (queueId: number) => void
  readonly showUser: (userId: string) => void
}

export function statusPill(status: string): HTMLElement {
  return h('span', { class: `pill ${status}` }, status)
}

function timeElement(): { node: HTMLTimeElement; set(iso: string | null): void } {
  const node = h('time')
  return {
    node,
    set(iso) {
      setText(node, shortTime(iso))
      setAttribute(node, 'datetime', iso)
      setAttribute(node, 'title', iso === null ? null : fullTime(iso))
    },
  }
}

/** What to add to the status: where it waits, how far it is, which attempt. */
function statusNote(item: Item): string {
  if (item.status === 'queued' && item.position !== null) return `position ${count(item.position)}`
  if (item.status === 'queued' && item.notBefore !== null) return `again at ${shortTime(item.notBefore)}`
  if (item.status === 'processing' && item.progress !== null) return `${Math.round(item.progress * 100)} %`
  return item.attempt > 1 ? `attempt ${item.attempt} of ${item.maxAttempts}` : ''
}

/** Until now while it still waits or runs. */
const until = (end: string | null) => end ?? new Date().toISOString()

export function waitOf(item: Item): number | null {
  if (item.startedAt !== null) return between(item.queuedAt, item.startedAt)
  return item.status === 'queued' ? between(item.queuedAt, until(null)) : null
}

export function runOf(item: Item): number | null {
  if (item.startedAt === null || item.status === 'queued') return null
  return between(item.startedAt, until(item.completedAt))
}

export function createItemRow(first: Item, { changed, open, showUser }: Hooks): View<Item> {
  const { queueId, modelId, userId } = first
  let item = first
  const status = h('td', { 'data-label': 'Status' })
  const note = h('small', { class: 'note' })
  const error = h('span', { class: 'error' })
  const queued = timeElement()
  const wait = h('td', { class: 'number', 'data-label': 'Wait' })
  const run = h('td', { class: 'number', 'data-label': 'Run' })
  const act = h('button', { type: 'button', class: 'small' })
  act.addEventListener('click', async () => {
    const action = actionOf(item.status)
    if (action !== null && (await askOne(action, item))) changed()
    act.focus()
  })
  const node = h(
    'tr',
    {},
    h(
      'th',
      { scope: 'row' },
      h(
        'button',
        {
          type: 'button',
          class: 'link',
          onclick: () => open(queueId),
          'aria-label': `Details of generation ${queueId}`,
        },
        `#${queueId}`,
      ),
    ),
    status,
    h('td', { class: 'short', 'data-label': 'Model', title: modelId }, modelId),
    h(
      'td',
      { class: 'short', 'data-label': 'User' },
      h(
        'button',
        {
          type: 'button',
          class: 'link',
          onclick: () => showUser(userId),
          title: `Show the tickets of ${userId}`,
        },
        userId,
      ),
    ),
    h(
      'td',
      { class: 'prompt', 'data-label': 'Prompt' },
      h('span', { class: 'clip', title: first.prompt }, first.prompt),
      error,
    ),
    h('td', { class: 'number', 'data-label': 'Tickets' }, count(first.ticketCost)),
    h('td', { 'data-label': 'Queued' }, queued.node),
    wait,
    run,
    h('td', { 'data-label': 'Action' }, act),
  )
  let shown = ''
  return {
    node,
    update(next) {
      item = next
      if (shown !== next.status) {
        replace(status, statusPill(next.status), note)
        shown = next.status
      }
      setText(note, statusNote(next))
      setText(error, next.errorMessage ?? '')
      setAttribute(error, 'title', next.errorMessage)
      queued.set(next.queuedAt)
      setText(wait, duration(waitOf(next)))
      setText(run, duration(runOf(next)))
      const action = actionOf(next.status)
      act.hidden = action === null
      setText(act, action?.verb ?? NONE)
      setAttribute(act, 'aria-label', action === null ? null : `${action.verb} generation ${queueId}`)
    },
  }
}
