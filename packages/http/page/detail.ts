import { actionOf, askOne } from './actions.js'
import { ApiError, get, messageOf } from './api.js'
import { type Child, h, replace } from './dom.js'
import { readOpenItem, writeOpenItem } from './filters.js'
import { count, duration, fullTime, isSafeUrl, NONE, plural } from './format.js'
import { runOf, statusPill, waitOf } from './item-row.js'
import type { Detail, Entry, Item } from './types.js'

const EVENT_WORDS: Readonly<Record<string, string>> = {
  admit: 'Queued, tickets reserved',
  admitStarted: 'Started at once, tickets reserved',
  claim: 'Started: slot and lease taken',
  complete: 'Completed, tickets captured',
  fail: 'Failed, tickets refunded',
  retryLater: 'Attempt failed, queued for another',
  yield: 'Given back by a worker that closed',
  reclaim: 'Lease lapsed, queued again',
  giveUp: 'Lease lapsed, no attempt left: failed, refunded',
  cancel: 'Cancelled, tickets refunded',
  expire: 'Waited past its deadline: failed, refunded',
  resubmit: 'Queued again, tickets reserved anew',
}

const term = (name: string, ...value: Child[]) => [h('dt', {}, name), h('dd', {}, ...value)]

function result(item: Item): Child {
  const { resultUrl, modelType } = item
  if (resultUrl === null) return null
  // Other people's text: a link or a picture only when it cannot run anything.
  if (!isSafeUrl(resultUrl)) return h('p', { class: 'code' }, resultUrl)
  const link = h(
    'a',
    { href: resultUrl, target: '_blank', rel: 'noopener noreferrer' },
    resultUrl.startsWith('data:') ? 'Open the picture' : resultUrl,
  )
  const picture =
    modelType === 'image' &&
    h('img', {
      src: resultUrl,
      alt: `Result of generation ${item.queueId}`,
      loading: 'lazy',
      referrerpolicy: 'no-referrer',
    })
  return h('figure', {}, picture, h('figcaption', {}, link))
}

function timeline({ timeline: entries }: Item): HTMLElement {
  let before: number | null = null
  return h(
    'ol',
    { class: 'timeline' },
    entries.map(({ event, at }) => {
      const time = Date.parse(at)
      const later = before === null ? '' : `+${duration(time - before)}`
      before = time
      return h(
        'li',
        { class: event },
        h('span', {}, EVENT_WORDS[event] ?? event),
        h(
          'small',
          {},
          h('time', { datetime: at, title: fullTime(at) }, new Date(at).toLocaleTimeString()),
          ' ',
          later,
        ),
      )
    }),
  )
}

function ledger(entries: readonly Entry[]): HTMLElement {
  if (entries.length === 0) return h('p', { class: 'muted' }, 'No tickets were moved for it.')
  const rows = [...entries].reverse()
  return h(
    'table',
    { class: 'ledger' },
    h(
      'thead',
      {},
      h(
        'tr',
        {},
        ['Entry', 'Tickets', 'Balance', 'Reserved'].map((name) => h('th', { scope: 'col' }, name)),
      ),
    ),
    h(
      'tbody',
      {},
      rows.map((entry) =>
        h(
          'tr',
          {},
          h('th', { scope: 'row' }, entry.kind),
          h('td', { class: 'number' }, count(entry.amount)),
          h('td', { class: 'number' }, count(entry.balance)),
          h('td', { class: 'number' }, count(entry.reserved)),
        ),
      ),
    ),
  )
}

function facts(item: Item, { position, estimatedWait }: Detail): HTMLElement {
  return h(
    'dl',
    { class: 'facts' },
    term('Model', `${item.modelId} (${item.modelType})`),
    term('User', item.userId),
    position !== null &&
      term('Position', `${count(position)}, starts in about ${duration((estimatedWait ?? 0) * 1_000)}`),
    item.progress !== null && term('Progress', `${Math.round(item.progress * 100)} %`),
    term(
      'Tickets',
      item.ticketsUsed === null
        ? `${plural(item.ticketCost, 'ticket')} reserved`
        : `${count(item.ticketsUsed)} of ${count(item.ticketCost)} captured`,
    ),
    term('Attempts', `${item.attempt} of ${item.maxAttempts}`),
    term('Priority', count(item.priority)),
    term('Waited', duration(waitOf(item))),
    term('Ran', duration(runOf(item))),
    item.leaseExpiresAt !== null && term('Lease until', new Date(item.leaseExpiresAt).toLocaleTimeString()),
    term('Key', h('span', { class: 'code' }, item.idempotencyKey)),
  )
}

const json = (title: string, value: unknown) =>
  value !== null &&
  JSON.stringify(value) !== '{}' &&
  h(
    'details',
    { class: 'more' },
    h('summary', {}, title),
    h('pre', { tabindex: 0 }, JSON.stringify(value, null, 2)),
  )

/** The drawer with one generation: kept in the address, refreshed with the page. */
export function createDetail(changed: () => void): { open(queueId: number): void; look(): Promise<void> } {
  const content = h('div', { class: 'content' })
  const title = h('h2', { id: 'detail-title' })
  const dialog = h(
    'dialog',
    { class: 'drawer', 'aria-labelledby': 'detail-title' },
    h(
      'div',
      { class: 'heading' },
      title,
      h(
        'button',
        { type: 'button', onclick: () => dialog.close(), 'aria-label': 'Close the details' },
        'Close',
      ),
    ),
    content,
  )
  document.body.append(dialog)
  dialog.addEventListener('close', () => writeOpenItem(null))
  dialog.addEventListener('click', (event) => event.target === dialog && dialog.close())
  let shown = ''

  const render = (detail: Detail, item: Item) => {
    const action = actionOf(item.status)
    replace(title, `Generation ${item.queueId} `, statusPill(item.status))
    replace(
      content,
      h('blockquote', { class: 'prompt-whole' }, item.prompt),
      item.errorMessage !== null && h('p', { class: 'error-whole' }, item.errorMessage),
      result(item),
      facts(item, detail),
      action !== null &&
        h(
          'button',
          {
            type: 'button',
            class: action.name === 'cancel' ? 'danger' : 'primary',
            onclick: () => void askOne(action, item).then((done) => done && changed()),
          },
          `${action.verb} this generation…`,
        ),
      h('h3', {}, 'Timeline'),
      timeline(item),
      h('h3', {}, 'Tickets'),
      ledger(detail.ledger),
      json('Parameters', item.parameters),
      json('Metadata', item.metadata),
      json('Output', item.output),
    )
  }

  const look = async () => {
    const queueId = readOpenItem()
    if (queueId === null) return
    try {
      const detail = await get<Detail>(`/items/${queueId}`)
      // Closed, or another one opened, while the answer was on its way.
      if (readOpenItem() !== queueId) return
      const signature = JSON.stringify(detail)
      if (signature !== shown && detail.item !== null) render(detail, detail.item)
      shown = signature
    } catch (error) {
      if (!(error instanceof ApiError) || error.status === 0) throw error
      if (readOpenItem() !== queueId) return
      shown = ''
      replace(title, `Generation ${queueId}`)
      replace(content, h('p', { class: 'empty' }, messageOf(error)))
    }
    if (!dialog.open) dialog.showModal()
  }
  return {
    open(queueId) {
      writeOpenItem(queueId)
      shown = ''
      replace(title, `Generation ${queueId}`)
      replace(content, h('p', { class: 'empty' }, NONE))
      dialog.showModal()
      void look()
    },
    look,
  }
}
