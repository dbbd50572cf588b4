import type { ApplyCommand, ApplyItem, ApplyResult, Refusal } from '@genqueue/core'
import type { Books, Known } from './books.js'
import { EVENT_RULES, eventsOf, type Hindrance, hindrance } from './events.js'
import { compareRow } from './rows.js'
import { demand, type Law, Violation } from './violation.js'

/** Which law a move breaks that was carried out against a hindrance. */
const BROKEN: Readonly<Record<Hindrance, Law>> = { status: 6, token: 5, time: 5, attempts: 7 }

/** Settles and moves: fences, finality, each reservation once, and truthful refusals. */
export function judgeApply(
  books: Books,
  command: ApplyCommand,
  results: readonly ApplyResult[],
  at: number,
): number[] {
  const touched: number[] = []
  for (const [i, item] of command.items.entries()) {
    const { queueId } = item
    const result = results[i]
    demand(result !== undefined, 'contract', { queueId }, () => 'an item of a batch has no answer')
    const known = books.generations.get(queueId)
    if (known === undefined) {
      const said = result.ok ? 'moved' : result.code
      demand(said === 'generation_unknown', 6, { queueId }, () => `there is none, but ${said}`)
      continue
    }
    touched.push(queueId)
    if (!result.ok) refused(books, item, command, result, known, at)
    else if (result.repeated) repeated(item, result.event, known, at)
    else moved(books, item, command, result.event, known, at)
    if (result.ok && result.row !== null) compareRow(known, result.row)
  }
  return touched
}

const due = (item: ApplyItem, known: Known, at: number): string | undefined =>
  eventsOf(item).find((event) => hindrance(event, known, item, at) === null)

const ticketsUsed = (event: string, item: ApplyItem, known: Known): number =>
  item.ticketsUsed ?? (EVENT_RULES[event]?.tickets === 'capture' ? known.cost : 0)

function moved(
  books: Books,
  item: ApplyItem,
  command: ApplyCommand,
  event: string,
  known: Known,
  at: number,
): void {
  const { queueId, modelId, userId } = known
  const subject = { queueId, modelId, userId }
  const against = hindrance(event, known, item, at)
  if (against !== null) {
    const held = `it is ${known.status}, attempt ${known.attempt} of ${known.maxAttempts}, lease ${known.token} until ${known.leaseUntil}`
    throw new Violation(BROKEN[against], subject, `${event} under lease ${item.token}: ${held}`)
  }
  const first = due(item, known, at)
  demand(first === event, 'contract', subject, () => `${event} where ${first} fits first`)
  ownResult(item, event, known)
  const rule = EVENT_RULES[event] as (typeof EVENT_RULES)[string]
  const settles = rule.tickets === 'capture' || rule.tickets === 'refund'
  const anew = rule.tickets === 'reserve'
  const used = settles ? ticketsUsed(event, item, known) : null
  if (used !== null) books.settle(known, used)
  if (anew) {
    const waiting = books.model(modelId).waiting.size
    demand(waiting < command.maxQueued, 'contract', subject, () => `queued as ${waiting + 1}`)
    books.reserve(known)
  }
  books.move(known, rule.to)
  known.used = used
  known.attempt = rule.attempt === 'from zero' ? 0 : known.attempt - (rule.attempt === undefined ? 0 : 1)
  known.queuedAt = anew ? at : known.queuedAt
  known.notBefore = !settles && item.delayMs > 0 ? at + item.delayMs : null
  if (anew) known.deadlineAt = known.maxWaitMs === null ? null : at + known.maxWaitMs
  else if (settles) known.deadlineAt = null
  known.settledAt = settles ? at : null
  known.leftBy = anew ? null : (item.token ?? '')
}

/** What a simulated handler makes carries its lease: it must not be taken for the work of another attempt. */
export const MADE = 'made:'

function ownResult(item: ApplyItem, event: string, known: Known): void {
  const { resultUrl } = item
  if (event !== 'complete' || !resultUrl?.startsWith(MADE)) return
  const maker = resultUrl.slice(MADE.length)
  demand(
    maker === known.token,
    5,
    known,
    () => `completed with the work of lease ${maker}, not ${known.token}`,
  )
}

function repeated(item: ApplyItem, event: string, known: Known, at: number): void {
  const open = due(item, known, at)
  demand(open === undefined, 7, known, () => `${open} was not done, but called a repetition`)
  const same = wasDone(item, known)
  demand(
    same,
    4,
    known,
    () => `${event} was called a repetition, but it is ${known.status} by ${known.leftBy}`,
  )
}

/** This very settle, by this token, is what the generation went through last. */
const wasDone = (item: ApplyItem, { status, leftBy }: Known): boolean =>
  leftBy === (item.token ?? '') && eventsOf(item).some((event) => EVENT_RULES[event]?.to === status)

function refused(
  books: Books,
  item: ApplyItem,
  command: ApplyCommand,
  { code }: Refusal,
  known: Known,
  at: number,
): void {
  const wrong = (why: string) =>
    new Violation('contract', known, `${eventsOf(item).join(' or ')} was refused with ${code}: ${why}`)
  const open = due(item, known, at)
  if (open !== undefined) {
    const { tickets } = EVENT_RULES[open] as (typeof EVENT_RULES)[string]
    const full = books.model(known.modelId).waiting.size >= command.maxQueued
    const over = tickets !== 'keep' && tickets !== 'reserve' && ticketsUsed(open, item, known) > known.cost
    if (code === 'tickets_over' && over) return
    if (code === 'queue_full' && tickets === 'reserve' && full) return
    const available = books.available(known.userId)
    if (code === 'tickets_short' && tickets === 'reserve' && known.cost > available) return
    throw wrong(`nothing stands in the way of ${open}`)
  }
  if (wasDone(item, known)) throw wrong('it repeats what was done')
  const against = eventsOf(item).map((event) => hindrance(event, known, item, at))
  if (code === 'lease_mismatch' && against.includes('token')) return
  if (code === 'not_due' && against.includes('time')) return
  if (code === 'status_mismatch' && against.every((why) => why === 'status' || why === 'attempts')) return
  throw wrong(`in the way is ${against.join(', ')}`)
}
