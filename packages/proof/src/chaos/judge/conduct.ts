import type { Entry } from '../log.js'
import { RICH } from '../workload.js'
import { quantile } from './recovery.js'
import type { LeaseSample, Run } from './runs.js'

/** Answers that a request may get under faults; anything else is the library's fault. */
const MAY_DENY = new Set(['STORAGE_UNAVAILABLE', 'INSUFFICIENT_TICKETS'])
const MAY_REFUSE_CANCEL = new Set(['STORAGE_UNAVAILABLE', 'INVALID_TRANSITION'])
const OUTAGES = new Set(['cut', 'swallowed', 'server'])
/** A lease is granted before its handler begins, sometimes seconds before on a starved machine. */
const LEASE_SHARE = { least: 0.5, most: 1.1 }

/** What no fault excuses: processes that end by themselves, odd answers, leases that are not as long as was asked for. */
export function judgeConduct(entries: readonly Entry[], runs: readonly Run[], leaseMs: number): string[] {
  const users = new Map(
    entries.flatMap((entry) => (entry.what === 'want' ? [[entry.key, entry.userId]] : [])),
  )
  const outages = entries.filter(({ what }) => OUTAGES.has(what)).map(({ at }) => at)
  const findings = entries.flatMap((entry): string[] => {
    if (entry.what === 'crashed') return isFailedStart(entry, outages) ? [] : [sentenceOf(entry)]
    if (entry.what === 'denied') return oddDenial(entry.key, entry.code, users.get(entry.key) ?? '')
    if (entry.what === 'cancelled' && entry.code !== null && !MAY_REFUSE_CANCEL.has(entry.code)) {
      return [`to cancel generation ${entry.queueId} was refused by ${entry.code}`]
    }
    return []
  })
  return [...findings, ...oddLeases(runs, leaseMs)]
}

type Crash = Extract<Entry, { what: 'crashed' }>

/** An app that cannot reach its database when it starts says so and ends; whoever watches over it starts it again. */
const isFailedStart = ({ wasUp, since, at }: Crash, outages: readonly number[]) =>
  !wasUp && outages.some((outageAt) => since <= outageAt && outageAt <= at)

const COMPLAINT_CHARS = 400
const sentenceOf = ({ victim, complaint }: Crash) =>
  `${victim} ended by itself: ${complaint.replaceAll(/\s+/g, ' ').slice(0, COMPLAINT_CHARS) || 'silently'}`

function oddDenial(key: string, code: string, userId: string): string[] {
  const isOdd = !MAY_DENY.has(code) || (code === 'INSUFFICIENT_TICKETS' && RICH.includes(userId))
  return isOdd ? [`request ${key} of ${userId} was denied by ${code}`] : []
}

/** The cap is judged by what the library says of its leases: were they short or in the past, it could hardly be broken. */
function oddLeases(runs: readonly Run[], leaseMs: number): string[] {
  const middle = quantile(
    runs.map(({ firstLeaseUntil, beganAt }) => firstLeaseUntil - beganAt),
    0.5,
  )
  if (middle === null) return []
  if (middle >= leaseMs * LEASE_SHARE.least && middle <= leaseMs * LEASE_SHARE.most) return []
  return [`a lease is told to be ${Math.round(middle)} ms long in the median, and ${leaseMs} were asked for`]
}

/** Without looks at the rows renewals are unknown, and the cap is hardly judged. */
export function judgeObserver(
  runs: readonly Run[],
  samples: readonly LeaseSample[],
  accountsSeen: number,
): string[] {
  if (runs.length === 0) return ['no handler ever began']
  const blind: string[] = []
  if (samples.length === 0) blind.push('the observer never saw a slot taken in the rows')
  if (accountsSeen === 0) blind.push('the observer never saw an account in the rows')
  return blind
}
