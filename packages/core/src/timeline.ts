import type { EventName } from './rules.js'

/** Longest timeline kept per generation, in characters; the oldest entries go first (about 40 events). */
export const TIMELINE_MAX = 1_000

export interface TimelineEntry {
  readonly event: EventName
  /** Epoch milliseconds. */
  readonly at: number
}

/**
 * What was made last. The items of a batch have one event and one time and often one past, so that their timelines are
 * one text: making it anew for each would cost more than the rest of its move, and each row would keep 120 bytes.
 */
const latest = { timeline: '', event: '' as EventName, at: Number.NaN, longer: '' }
let parsed: { readonly timeline: string; readonly entries: readonly TimelineEntry[] } = {
  timeline: '',
  entries: Object.freeze([]),
}

/** `event@time,` appended, whole entries dropped from the front beyond TIMELINE_MAX. */
export function appendTimeline(timeline: string, event: EventName, at: number): string {
  if (event !== latest.event || at !== latest.at || timeline !== latest.timeline) {
    latest.longer = withinMax(`${timeline}${event}@${at},`)
    latest.timeline = timeline
    latest.event = event
    latest.at = at
  }
  return latest.longer
}

function withinMax(timeline: string): string {
  if (timeline.length <= TIMELINE_MAX) return timeline
  const tail = timeline.slice(-TIMELINE_MAX)
  return tail.slice(tail.indexOf(',') + 1)
}

/** Frozen, because generations with one past share it. */
export function parseTimeline(timeline: string): readonly TimelineEntry[] {
  if (timeline !== parsed.timeline) parsed = { timeline, entries: Object.freeze(parseEntries(timeline)) }
  return parsed.entries
}

function parseEntries(timeline: string): TimelineEntry[] {
  const entries: TimelineEntry[] = []
  for (let from = 0; from < timeline.length; ) {
    const at = timeline.indexOf('@', from)
    const end = timeline.indexOf(',', at)
    const event = timeline.slice(from, at) as EventName
    entries.push(Object.freeze({ event, at: Number(timeline.slice(at + 1, end)) }))
    from = end + 1
  }
  return entries
}
