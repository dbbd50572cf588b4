import { ApiError, get, messageOf, post } from './api.js'
import { ask, say } from './dialogs.js'
import { type Filters, filterQuery } from './filters.js'
import { count, plural } from './format.js'
import type { Item, Items } from './types.js'

/** What may be done to one generation; each is also done in bulk. */
export interface Action {
  readonly name: 'cancel' | 'retry'
  readonly verb: string
  readonly done: string
  readonly statuses: readonly string[]
  readonly effect: (tickets: number) => string
}

export const CANCEL: Action = {
  name: 'cancel',
  verb: 'Cancel',
  done: 'cancelled',
  statuses: ['queued', 'processing'],
  effect: (tickets) => `${plural(tickets, 'reserved ticket')} ${tickets === 1 ? 'goes' : 'go'} back.`,
}

export const RETRY: Action = {
  name: 'retry',
  verb: 'Retry',
  done: 'queued again',
  statuses: ['failed', 'cancelled'],
  effect: (tickets) =>
    `${plural(tickets, 'ticket')} ${tickets === 1 ? 'is' : 'are'} reserved anew; it goes to the end of the queue.`,
}

export const actionOf = (status: string): Action | null =>
  [CANCEL, RETRY].find(({ statuses }) => statuses.includes(status)) ?? null

const send = (action: Action, queueId: number) => post(`/items/${queueId}/${action.name}`)

export function askOne(action: Action, item: Item): Promise<boolean> {
  return ask({
    title: `${action.verb} generation ${item.queueId}?`,
    text: [`${item.modelId}, asked for by ${item.userId}.`, action.effect(item.ticketCost)],
    action: `${action.verb} it`,
    danger: action === CANCEL,
    async run() {
      await send(action, item.queueId)
      return `Generation ${item.queueId} is ${action.done}`
    },
  })
}

/** Most generations that one bulk action takes; more are left for the next. */
const BULK_MAX = 1_000
const PAGE = 200
const AT_ONCE = 4

/** Everything that the filters show and the action applies to, newest first. */
async function collect(action: Action, filters: Filters): Promise<{ found: Item[]; more: boolean }> {
  const shown = filters.status === '' ? action.statuses : filters.status.split(',')
  const statuses = shown.filter((status) => action.statuses.includes(status))
  const found: Item[] = []
  if (statuses.length === 0) return { found, more: false }
  const query = filterQuery({ ...filters, status: statuses.join(',') })
  query.set('limit', String(PAGE))
  for (;;) {
    const page = await get<Items>(`/items?${query}`)
    found.push(...page.items)
    if (page.cursor === null) return { found: found.slice(0, BULK_MAX), more: found.length > BULK_MAX }
    if (found.length >= BULK_MAX) return { found: found.slice(0, BULK_MAX), more: true }
    query.set('cursor', String(page.cursor))
  }
}

async function sendAll(
  action: Action,
  items: readonly Item[],
  note: (text: string) => void,
): Promise<string> {
  let done = 0
  let overtaken = 0
  const refused: string[] = []
  const left = [...items]
  const sender = async () => {
    for (let item = left.shift(); item !== undefined; item = left.shift()) {
      try {
        await send(action, item.queueId)
        done += 1
      } catch (error) {
        // It moved on between the count and now: nothing went wrong, there is only nothing left to do.
        if (error instanceof ApiError && (error.status === 409 || error.status === 404)) overtaken += 1
        else refused.push(messageOf(error))
      }
      note(`${count(done)} of ${count(items.length)} ${action.done}…`)
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, sender))
  const parts = [`${plural(done, 'generation')} ${action.done}`]
  if (overtaken > 0) parts.push(`${count(overtaken)} had moved on`)
  if (refused.length > 0)
    throw new Error(`${parts.join(', ')}, ${count(refused.length)} refused: ${refused[0]}`)
  return parts.join(', ')
}

/** Counts first, then asks with the count, then acts. */
export async function askMany(action: Action, filters: Filters): Promise<boolean> {
  const { found, more } = await collect(action, filters)
  const tickets = found.reduce((sum, item) => sum + item.ticketCost, 0)
  if (found.length === 0) {
    say(`None of the generations shown is ${action.statuses.join(' or ')}`)
    return false
  }
  return ask({
    title: `${action.verb} ${plural(found.length, 'generation')}?`,
    text: [
      action.effect(tickets),
      more ? `Only the newest ${count(BULK_MAX)} of what is filtered; repeat for the rest.` : null,
    ].filter((line) => line !== null),
    action: `${action.verb} ${count(found.length)}`,
    danger: action === CANCEL,
    run: (note) => sendAll(action, found, note),
  })
}

export function askClear(): Promise<boolean> {
  return ask({
    title: 'Clear what is completed or cancelled?',
    text: [
      'All completed and cancelled generations are removed, whatever the filters show. Failed ones stay.',
      'Ticket histories and the charts keep what they know.',
    ],
    action: 'Clear completed',
    danger: true,
    async run() {
      const { removed } = await post<{ removed: number }>('/clear-completed')
      return `${plural(removed, 'generation')} removed`
    },
  })
}
