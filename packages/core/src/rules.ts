/**
 * The rules, as two tables. Nothing else in genqueue decides where a generation may go, what happens
 * to its slot or to its tickets: storages carry out the flat moves compiled from here.
 */

/** What a generation holds in a status: its place in the queue, and where its tickets are. */
export const STATUS_TABLE = {
  queued: { place: 'waiting', tickets: 'reserved' },
  processing: { place: 'leased', tickets: 'reserved' },
  completed: { place: 'done', tickets: 'captured' },
  failed: { place: 'done', tickets: 'refunded' },
  cancelled: { place: 'done', tickets: 'refunded' },
} as const satisfies Record<string, { place: Place; tickets: TicketState }>

export type Place = 'waiting' | 'leased' | 'done'
export type TicketState = 'reserved' | 'captured' | 'refunded'
export type Status = keyof typeof STATUS_TABLE
export const STATUSES = Object.keys(STATUS_TABLE) as Status[]

/**
 * What a move asks of the lease (or the clock) before it may happen:
 * - `none`: nothing;
 * - `held`: a token that is given must be the current one; without a token the status alone decides,
 *   because a provider's webhook knows no lease;
 * - `lapsed`: the lease must have expired, and a token that is given must be the current one;
 * - `overdue`: the deadline to start by must have passed.
 */
export type Guard = 'none' | 'held' | 'lapsed' | 'overdue'
/** Which attempt counts let a move happen: any, only with attempts left, only with none left. */
export type AttemptGuard = 'any' | 'left' | 'spent'
/** What a move does to the attempt counter. */
export type AttemptEffect = 'keep' | 'count' | 'uncount' | 'reset'

interface EventRule {
  readonly from: readonly (Status | null)[]
  readonly to: readonly Status[]
  readonly guard: Guard
  readonly attempts: AttemptGuard
  readonly attempt: AttemptEffect
  /** The time the slot was held counts as a run time of the model (the attempt ended by itself). */
  readonly measuresRun: boolean
  readonly meaning: string
}

const rule = (
  from: EventRule['from'],
  to: EventRule['to'],
  meaning: string,
  extra: Partial<EventRule> = {},
): EventRule => ({
  from,
  to,
  meaning,
  guard: 'none',
  attempts: 'any',
  attempt: 'keep',
  measuresRun: false,
  ...extra,
})

export const EVENT_TABLE = {
  admit: rule([null], ['queued'], 'accepted; waits for a slot'),
  admitStarted: rule([null], ['processing'], 'accepted; a slot was free and nobody waited', {
    attempt: 'count',
  }),
  claim: rule(['queued'], ['processing'], 'a worker (or an explicit start) takes it', { attempt: 'count' }),
  complete: rule(['processing'], ['completed'], 'the result is there', { guard: 'held', measuresRun: true }),
  fail: rule(['processing'], ['failed'], 'failed for good', { guard: 'held', measuresRun: true }),
  retryLater: rule(['processing'], ['queued'], 'failed; tried again after a delay', {
    guard: 'held',
    attempts: 'left',
    measuresRun: true,
  }),
  yield: rule(['processing'], ['queued'], 'given back by a worker that closes', {
    guard: 'held',
    attempt: 'uncount',
  }),
  reclaim: rule(['processing'], ['queued'], 'its lease lapsed; attempts are left', {
    guard: 'lapsed',
    attempts: 'left',
  }),
  giveUp: rule(['processing'], ['failed'], 'its lease lapsed; no attempt is left', {
    guard: 'lapsed',
    attempts: 'spent',
  }),
  cancel: rule(['queued', 'processing'], ['cancelled'], 'cancelled by its user or an operator'),
  expire: rule(['queued'], ['failed'], 'waited past its deadline', { guard: 'overdue' }),
  resubmit: rule(['failed', 'cancelled'], ['queued'], 'queued again on request, tickets reserved anew', {
    attempt: 'reset',
  }),
} as const satisfies Record<string, EventRule>

export type EventName = keyof typeof EVENT_TABLE
export const EVENTS = Object.keys(EVENT_TABLE) as EventName[]

/** Statuses from which `clear` may remove a generation: those that hold neither slot nor reservation. */
export const CLEARABLE: readonly Status[] = STATUSES.filter((s) => STATUS_TABLE[s].place === 'done')

/**
 * One guarded move, flat, ready for a storage: match `from`, `guard` and `attempts`, then carry out the
 * numbers. A storage treats `event`, `from` and `to` as opaque labels.
 */
export interface Move {
  readonly event: EventName
  readonly from: Status | null
  readonly to: Status
  readonly fromPlace: Place | null
  readonly toPlace: Place
  /** Change of the model's taken slots. */
  readonly slot: -1 | 0 | 1
  /** Sign of the change of the user's `reserved`, times the generation's `ticketCost`. */
  readonly reserve: -1 | 0 | 1
  /** With `reserve` -1: 1 captures the whole cost unless told how much was used, 0 captures nothing unless told. */
  readonly capture: 0 | 1
  readonly guard: Guard
  readonly attempts: AttemptGuard
  readonly attempt: AttemptEffect
  readonly measuresRun: boolean
}

const holdsTickets = (status: Status | null) => status !== null && STATUS_TABLE[status].tickets === 'reserved'
const holdsSlot = (status: Status | null) => status !== null && STATUS_TABLE[status].place === 'leased'
const difference = (to: boolean, from: boolean): -1 | 0 | 1 => (to === from ? 0 : to ? 1 : -1)

/** Derives the slot and ticket effects from the two statuses, so that conservation holds by construction. */
function compileMove(event: EventName, from: Status | null, to: Status): Move {
  const { guard, attempts, attempt, measuresRun } = EVENT_TABLE[event]
  return Object.freeze({
    event,
    from,
    to,
    fromPlace: from === null ? null : STATUS_TABLE[from].place,
    toPlace: STATUS_TABLE[to].place,
    slot: difference(holdsSlot(to), holdsSlot(from)),
    reserve: difference(holdsTickets(to), holdsTickets(from)),
    capture: STATUS_TABLE[to].tickets === 'captured' ? 1 : 0,
    guard,
    attempts,
    attempt,
    measuresRun,
  })
}

/** Every event's moves, one per pair of statuses that it joins. */
export const MOVES: Readonly<Record<EventName, readonly Move[]>> = Object.freeze(
  Object.fromEntries(
    EVENTS.map((event) => [
      event,
      Object.freeze(
        EVENT_TABLE[event].from.flatMap((from) =>
          EVENT_TABLE[event].to.map((to) => compileMove(event, from, to)),
        ),
      ),
    ]),
  ) as Record<EventName, readonly Move[]>,
)

/** The three moves that grant or await a slot, which admission and claims carry out. */
export const ADMIT_QUEUED = MOVES.admit[0] as Move
export const ADMIT_STARTED = MOVES.admitStarted[0] as Move
export const CLAIM = MOVES.claim[0] as Move
