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
  /** After the last death. */
  readonly mostSinceDeath: number
  /** Different jobs that ended. */
  readonly done: number
  /** Jobs whose handler came to its end more than once. */
  readonly doneTwice: number
  readonly lastEndAt: number | null
  /** When as many handlers as the cap allows first ran at once, all of them begun after the last death. */
  readonly fullAgainAt: number | null
  /** Slots times milliseconds without a handler, from `since` to the last begin: as long as something waited for a slot. */
  readonly idleMs: number
  readonly lastBeginAt: number | null
}

type Event = Sighting | (Death & { readonly what: 'death' })
/** At the same moment a slot is first freed, then taken. */
const RANK: Readonly<Record<Event['what'], number>> = { end: 0, death: 1, begin: 2 }

export function tallyOf(
  sightings: readonly Sighting[],
  deaths: readonly Death[],
  cap: number,
  since = 0,
): Tally {
  const events: Event[] = [...sightings, ...deaths.map((death) => ({ ...death, what: 'death' as const }))]
  events.sort((a, b) => a.at - b.at || RANK[a.what] - RANK[b.what])
  const books = new Books(cap, since)
  for (const event of events) {
    books.passTo(event.at)
    if (event.what === 'begin') books.begin(event)
    else if (event.what === 'end') books.end(event)
    else books.death(event)
  }
  return books.tally()
}

class Books {
  readonly #cap: number
  /** Runs by name, with the process of each. */
  readonly #running = new Map<string, string>()
  readonly #ends = new Map<number, number>()
  readonly #dead = new Set<string>()
  #now: number
  #idleMs = 0
  #seen = {
    begins: 0,
    startsOverCap: 0,
    mostAtOnce: 0,
    mostSinceDeath: 0,
    idleMs: 0,
    lastBeginAt: null as number | null,
    lastEndAt: null as number | null,
    fullAgainAt: null as number | null,
  }

  constructor(cap: number, since: number) {
    this.#cap = cap
    this.#now = since
  }

  passTo(at: number): void {
    this.#idleMs += Math.max(0, this.#cap - this.#running.size) * Math.max(0, at - this.#now)
    this.#now = Math.max(at, this.#now)
  }

  begin({ who, job, at }: Sighting): void {
    // Its last words arrived after the signal was sent.
    if (this.#dead.has(who)) return
    const seen = this.#seen
    seen.begins += 1
    if (this.#running.size >= this.#cap) seen.startsOverCap += 1
    this.#running.set(`${who} ${job}`, who)
    seen.mostAtOnce = Math.max(seen.mostAtOnce, this.#running.size)
    seen.mostSinceDeath = Math.max(seen.mostSinceDeath, this.#running.size)
    if (this.#running.size >= this.#cap) seen.fullAgainAt ??= at
    seen.lastBeginAt = at
    seen.idleMs = this.#idleMs
  }

  end({ who, job, at }: Sighting): void {
    this.#running.delete(`${who} ${job}`)
    this.#ends.set(job, (this.#ends.get(job) ?? 0) + 1)
    this.#seen.lastEndAt = at
  }

  death({ who }: Death): void {
    this.#dead.add(who)
    // What a dead process held runs no longer, whatever the library still believes.
    for (const [run, owner] of this.#running) if (owner === who) this.#running.delete(run)
    this.#seen.fullAgainAt = null
    this.#seen.mostSinceDeath = this.#running.size
  }

  tally(): Tally {
    const doneTwice = [...this.#ends.values()].filter((count) => count > 1).length
    return { ...this.#seen, done: this.#ends.size, doneTwice }
  }
}
