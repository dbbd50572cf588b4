import type { EventName } from './rules.js'

/** Longest timeline kept per generation, in characters; the oldest entries go first (about 40 events). */
export const TIMELINE_MAX = 1_000

export interface TimelineEntry {
  readonly event: EventName
  /** Epoch milliseconds. */
  readonly at: number
}

/**
 * The entry made last. The items of a batch have one event and one time, so making the text anew for each would cost
 * more than the rest of its move, and each row would keep its own copy.
 */
const latest = { event: '' as EventName, at: Number.NaN, text: '' }

function entryText(event: EventName, at: number): string {
  if (event !== latest.event || at !== latest.at) {
    latest.text = `${event}@${at},`
    latest.event = event
    latest.at = at
  }
  return latest.text
}

/** `event@time,` appended, whole entries dropped from the front beyond TIMELINE_MAX. */
export function appendTimeline(timeline: string, event: EventName, at: number): string {
  const longer = timeline + entryText(event, at)
  if (longer.length <= TIMELINE_MAX) return longer
  const tail = longer.slice(-TIMELINE_MAX)
  return tail.slice(tail.indexOf(',') + 1)
}

export function parseTimeline(timeline: string): TimelineEntry[] {
  const entries: TimelineEntry[] = []
  for (let from = 0; from < timeline.length; ) {
    const at = timeline.indexOf('@', from)
    const end = timeline.indexOf(',', at)
    entries.push({ event: timeline.slice(from, at) as EventName, at: Number(timeline.slice(at + 1, end)) })
    from = end + 1
  }
  return entries
}
