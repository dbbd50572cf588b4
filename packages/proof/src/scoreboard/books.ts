/** A handler's begin or end, as its process told it: on the machine's monotonic clock, in milliseconds. */
export interface Sighting {
  readonly who: string
  readonly what: 'begin' | 'end'
  readonly job: number
  readonly at: number
}

export interface Death {
  readonly who: string
  readonly at: number
}

/** What an observer can say who knows only when handlers began and ended, and which processes it killed. */
export interface Tally {
  readonly begins: number
  readonly startsOverCap: number
  readonly mostAtOnce: number
  /** Different jobs that ended. */
  readonly done: number
  /** Jobs whose handler came to its end more than once. */
  readonly doneTwice: number
  readonly lastEndAt: number | null
  /** When as many handlers as the cap allows first ran at once, all of them begun after the last death. */
  readonly fullAgainAt: number | null
}

type Event = Sighting | (Death & { readonly what: 'death' })
/** At the same moment a slot is first freed, then taken. */
const RANK: Readonly<Record<Event['what'], number>> = { end: 0, death: 1, begin: 2 }

export function tallyOf(sightings: readonly Sighting[], deaths: readonly Death[], cap: number): Tally {
  const events: Event[] = [...sightings, ...deaths.map((death) => ({ ...death, what: 'death' as const }))]
  events.sort((a, b) => a.at - b.at || RANK[a.what] - RANK[b.what])
  const running = new Map<string, string>()
  const ends = new Map<number, number>()
  let [begins, startsOverCap, mostAtOnce] = [0, 0, 0]
  let [lastEndAt, fullAgainAt]: [number | null, number | null] = [null, null]
  for (const event of events) {
    if (event.what === 'death') {
      // What a dead process held runs no longer, whatever the library still believes.
      for (const [run, who] of running) if (who === event.who) running.delete(run)
      fullAgainAt = null
      continue
    }
    const run = `${event.who} ${event.job}`
    if (event.what === 'end') {
      running.delete(run)
      ends.set(event.job, (ends.get(event.job) ?? 0) + 1)
      lastEndAt = event.at
      continue
    }
    begins += 1
    if (running.size >= cap) startsOverCap += 1
    running.set(run, event.who)
    mostAtOnce = Math.max(mostAtOnce, running.size)
    if (running.size >= cap) fullAgainAt ??= event.at
  }
  const doneTwice = [...ends.values()].filter((count) => count > 1).length
  return { begins, startsOverCap, mostAtOnce, done: ends.size, doneTwice, lastEndAt, fullAgainAt }
}
