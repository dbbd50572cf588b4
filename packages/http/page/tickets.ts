import { get, messageOf, post } from './api.js'
import { ask } from './dialogs.js'
import { byId, h, replace } from './dom.js'
import { count, fullTime, plural, shortTime } from './format.js'
import type { Entry, Tickets } from './types.js'

const PAGE = 10

const path = (userId: string) => `/tickets/${encodeURIComponent(userId)}`

function entryRow(entry: Entry, open: (queueId: number) => void): HTMLElement {
  const { queueId } = entry
  const about =
    queueId === null
      ? (entry.memo ?? '')
      : h('button', { type: 'button', class: 'link', onclick: () => open(queueId) }, `generation ${queueId}`)
  return h(
    'tr',
    {},
    h(
      'td',
      { 'data-label': 'Time' },
      h('time', { datetime: entry.at, title: fullTime(entry.at) }, shortTime(entry.at)),
    ),
    h('td', { 'data-label': 'Entry' }, h('span', { class: `entry ${entry.kind}` }, entry.kind)),
    h('td', { class: 'number', 'data-label': 'Tickets' }, count(entry.amount)),
    h('td', { class: 'number', 'data-label': 'Balance' }, count(entry.balance)),
    h('td', { class: 'number', 'data-label': 'Reserved' }, count(entry.reserved)),
    h('td', { 'data-label': 'About' }, about),
  )
}

function accountCards({ account }: Tickets): HTMLElement {
  const card = (name: string, value: number) => h('div', {}, h('dt', {}, name), h('dd', {}, count(value)))
  return h(
    'dl',
    { class: 'account' },
    card('Available', account.available),
    card('Reserved', account.reserved),
    card('Balance', account.balance),
    card('Captured ever', account.captured),
  )
}

function createGrantForm(userId: string, changed: () => void): HTMLElement {
  const amount = h('input', { type: 'number', name: 'amount', min: 1, step: 1, required: true, value: 10 })
  const memo = h('input', {
    name: 'memo',
    maxlength: 191,
    autocomplete: 'off',
    placeholder: 'Why (kept in the history)',
  })
  const form = h(
    'form',
    { class: 'line', 'aria-label': `Tickets of ${userId}` },
    h('label', {}, 'Tickets', amount),
    h('label', { class: 'wide' }, 'Memo', memo),
    h('button', { class: 'primary', value: 'grant' }, 'Grant…'),
    h('button', { value: 'revoke' }, 'Revoke…'),
  )
  form.addEventListener('submit', (event) => {
    event.preventDefault()
    const revoke = (event.submitter as HTMLButtonElement | null)?.value === 'revoke'
    const tickets = amount.valueAsNumber
    // One key for one decision: a click that is repeated after a lost answer counts once.
    const id = crypto.randomUUID()
    void ask({
      title: `${revoke ? 'Revoke' : 'Grant'} ${plural(tickets, 'ticket')}?`,
      text: [revoke ? `They are taken from ${userId}; reserved ones stay.` : `They go to ${userId}.`],
      action: revoke ? 'Revoke' : 'Grant',
      danger: revoke,
      async run() {
        const text = memo.value.trim()
        const { account } = await post<Pick<Tickets, 'account'>>(path(userId), {
          amount: revoke ? -tickets : tickets,
          id,
          ...(text === '' ? {} : { memo: text }),
        })
        return `${userId} now has ${plural(account.available, 'available ticket')}`
      },
    }).then((done) => done && changed())
  })
  return form
}

/** Account, history and grants of the user somebody asks for. */
export function createTickets(
  open: (queueId: number) => void,
  changed: () => void,
): { show(userId: string): void } {
  const user = h('input', {
    name: 'userId',
    type: 'search',
    required: true,
    maxlength: 191,
    autocomplete: 'off',
    placeholder: 'User id',
  })
  const content = h(
    'div',
    { class: 'content', 'aria-live': 'polite' },
    h('p', { class: 'empty' }, 'Choose a user to see the account and its history.'),
  )
  const form = h(
    'form',
    { class: 'line' },
    h('label', { class: 'wide' }, 'User', user),
    h('button', {}, 'Show'),
  )
  byId('tickets').append(
    h('div', { class: 'heading' }, h('h2', { id: 'tickets-title' }, 'Tickets')),
    h('div', { class: 'panel padded' }, form, content),
  )

  const look = async (userId: string) => {
    try {
      const first = await get<Tickets>(`${path(userId)}?limit=${PAGE}`)
      render(userId, first)
    } catch (error) {
      replace(content, h('p', { class: 'problem' }, messageOf(error)))
    }
  }
  const render = (userId: string, tickets: Tickets) => {
    const body = h(
      'tbody',
      {},
      tickets.entries.map((entry) => entryRow(entry, open)),
    )
    const more = h('button', { type: 'button', hidden: tickets.cursor === null }, 'Older entries')
    let cursor = tickets.cursor
    more.addEventListener('click', async () => {
      const page = await get<Tickets>(`${path(userId)}?limit=${PAGE}&cursor=${cursor}`)
      cursor = page.cursor
      more.hidden = cursor === null
      body.append(...page.entries.map((entry) => entryRow(entry, open)))
    })
    const again = () => {
      void look(userId)
      changed()
    }
    replace(
      content,
      accountCards(tickets),
      createGrantForm(userId, again),
      tickets.entries.length === 0
        ? h('p', { class: 'empty' }, 'No entries yet.')
        : h(
            'div',
            { class: 'scroll', tabindex: 0, role: 'region', 'aria-label': `Ticket history of ${userId}` },
            h(
              'table',
              { class: 'history' },
              h(
                'thead',
                {},
                h(
                  'tr',
                  {},
                  ['Time', 'Entry', 'Tickets', 'Balance', 'Reserved', 'About'].map((name) =>
                    h('th', { scope: 'col' }, name),
                  ),
                ),
              ),
              body,
            ),
          ),
      more,
    )
  }
  form.addEventListener('submit', (event) => {
    event.preventDefault()
    void look(user.value.trim())
  })
  return {
    show(userId) {
      user.value = userId
      byId('tickets').scrollIntoView({ behavior: 'smooth' })
      void look(userId)
    },
  }
}
