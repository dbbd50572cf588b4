import type { HowEnded } from './log.js'

/** Started at once where it was asked for, when there is room: without a queue and without a worker. */
export const GUEST = 'guest'
/** Models and their limits: alone, few, more than one worker can hold, and one whose queue is often empty. */
export const MODELS: Readonly<Record<string, number>> = { solo: 1, trio: 3, dozen: 12, [GUEST]: 2 }
export const MODEL_IDS = Object.keys(MODELS)

/** Users with plenty, and users who are refused now and then. */
export const RICH = Array.from({ length: 8 }, (_, i) => `rich-${i}`)
export const POOR = Array.from({ length: 3 }, (_, i) => `poor-${i}`)
export const RICH_TICKETS = 10_000_000
export const POOR_TICKETS = 20

/** More than any run can lose to lapsed leases: none may be given up. */
export const MAX_ATTEMPTS = 100

const COST_MAX = 3
const RUN_MS = { shortest: 150, spread: 900 }
/** One of so many of the larger models runs longer than its lease, so that only heartbeats keep it. */
const LONG_EVERY = 61
const LONG_LEASES = 1.4
const FAILS_FIRST_EVERY = 19
const REFUSED_EVERY = 29
const PARTLY_USED_EVERY = 5

export const costOf = (n: number): number => n % (COST_MAX + 1)

/** How long the fake job of a generation takes; the same in every attempt. */
export function runMsOf(queueId: number, modelId: string, leaseMs: number): number {
  if (modelId !== 'solo' && queueId % LONG_EVERY === 0) return leaseMs * LONG_LEASES
  return RUN_MS.shortest + ((queueId * 7919) % RUN_MS.spread)
}

export function outcomeOf(queueId: number, attempt: number): HowEnded {
  if (queueId % REFUSED_EVERY === 0) return 'refused'
  return queueId % FAILS_FIRST_EVERY === 0 && attempt === 1 ? 'failed' : 'made'
}

/** Tickets that the fake provider bills. */
export const usedOf = (queueId: number, cost: number): number =>
  queueId % PARTLY_USED_EVERY === 0 ? Math.max(0, cost - 1) : cost
