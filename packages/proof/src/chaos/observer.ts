import type { Evidence, StoredAccount, TakenSlot } from './evidence/evidence.js'
import type { LeaseSample } from './judge/runs.js'
import { type Entry, LogReader } from './log.js'
import { fromEpoch, monotonicMs, pause } from './time.js'

const SAMPLE_EVERY_MS = 200

/**
 * Watches a run without the library: reads what the processes note before and after everything they do, and the leases in
 * the storage's own rows.
 */
export class Observer {
  readonly samples: LeaseSample[] = []
  /** Moments at which the storage's rows themselves had more slots taken than a limit allows. */
  readonly rowsOverCap: string[] = []
  /** Moments at which an account had more reserved than it has, or less than nothing. */
  readonly overdrawn: string[] = []
  accountsSeen = 0
  readonly #up = new Set<string>()
  readonly #entries: Entry[] = []
  readonly #reader: LogReader
  readonly #evidence: Evidence
  readonly #caps: Readonly<Record<string, number>>
  readonly #stop = new AbortController()
  #watching: Promise<void> | undefined
  #unanswered = 0

  constructor(logFolder: string, evidence: Evidence, caps: Readonly<Record<string, number>>) {
    this.#reader = new LogReader(logFolder)
    this.#evidence = evidence
    this.#caps = caps
  }

  watch(): void {
    this.#watching = this.#loop()
  }

  async end(): Promise<void> {
    this.#stop.abort()
    await this.#watching
  }

  /** Looks that the storage did not answer, as while its server is down. */
  get unanswered(): number {
    return this.#unanswered
  }

  /** All notes so far, in the order of time. */
  entries(): readonly Entry[] {
    for (const entry of this.#reader.read()) {
      this.#entries.push(entry)
      if (entry.what === 'up') this.#up.add(entry.who)
    }
    return this.#entries.sort((a, b) => a.at - b.at)
  }

  /** The processes that have said so far that they are at work. */
  up(): ReadonlySet<string> {
    this.entries()
    return this.#up
  }

  /** The processes that have begun something and not ended it. */
  busy(): ReadonlySet<string> {
    const underWay = new Map<string, number>()
    for (const { what, who } of this.entries()) {
      if (what === 'begin') underWay.set(who, (underWay.get(who) ?? 0) + 1)
      else if (what === 'end') underWay.set(who, (underWay.get(who) ?? 0) - 1)
    }
    return new Set([...underWay].filter(([, count]) => count > 0).map(([who]) => who))
  }

  async #loop(): Promise<void> {
    while (!this.#stop.signal.aborted) {
      await this.#sample().catch(() => {
        this.#unanswered += 1
      })
      await pause(SAMPLE_EVERY_MS, this.#stop.signal)
    }
  }

  async #sample(): Promise<void> {
    const slots = await this.#evidence.takenSlots()
    this.#noteSlots(slots, monotonicMs())
    for (const account of await this.#evidence.accounts()) this.#noteAccount(account)
  }

  #noteAccount({ userId, balance, reserved }: StoredAccount): void {
    this.accountsSeen += 1
    if (reserved >= 0 && reserved <= balance) return
    this.overdrawn.push(`${userId} has ${balance} tickets and ${reserved} of them reserved`)
  }

  #noteSlots(slots: readonly TakenSlot[], at: number): void {
    const taken: Record<string, number> = {}
    for (const { queueId, modelId, leaseUntil } of slots) {
      this.samples.push({ at, queueId, leaseUntil: fromEpoch(leaseUntil) })
      taken[modelId] = (taken[modelId] ?? 0) + 1
    }
    for (const [modelId, count] of Object.entries(taken)) {
      const cap = this.#caps[modelId] ?? 0
      if (count > cap) this.rowsOverCap.push(`${modelId}: ${count} slots taken, limit ${cap}`)
    }
  }
}
