import { type Child, startScript } from './child.js'
import type { Say } from './log.js'
import type { Orders } from './processes/start.js'
import type { Random } from './random.js'
import { monotonicMs, pause } from './time.js'

export type Role = 'worker' | 'producer'

const SCRIPTS: Readonly<Record<Role, URL>> = {
  worker: new URL('./processes/worker.ts', import.meta.url),
  producer: new URL('./processes/producer.ts', import.meta.url),
}
/** A dead process comes back after a while, as under any supervisor. */
const RESTART_MS = { least: 200, most: 1_500 }
const GOODBYE_MS = 20_000

interface Member {
  readonly who: string
  readonly child: Child
  frozen: boolean
  killed: boolean
}

/** Processes of the run that are started again whenever they end. */
export class Fleet {
  readonly #orders: Omit<Orders, 'who'>
  readonly #random: Random
  readonly #say: Say
  readonly #members = new Map<Role, Member[]>([
    ['worker', []],
    ['producer', []],
  ])
  #started = 0
  #retired = new Set<Role>()

  readonly #isUp: (who: string) => boolean

  constructor(orders: Omit<Orders, 'who'>, random: Random, say: Say, isUp: (who: string) => boolean) {
    this.#orders = orders
    this.#isUp = isUp
    this.#random = random
    this.#say = say
  }

  start(role: Role): void {
    this.#started += 1
    const who = `${role}-${this.#started}`
    const orders: Orders = { ...this.#orders, who, seed: this.#orders.seed + this.#started }
    const since = monotonicMs()
    const child = startScript(SCRIPTS[role], [JSON.stringify(orders)])
    const member = { who, child, frozen: false, killed: false }
    const members = this.#of(role)
    members.push(member)
    void member.child.ended.then(async () => {
      if (!member.killed && !this.#retired.has(role)) {
        // What it held waits for its lease like that of one that was killed.
        this.#say({ what: 'killed', victim: who })
        const [wasUp, complaint] = [this.#isUp(who), child.complaint().trim()]
        this.#say({ what: 'crashed', victim: who, since, wasUp, complaint })
      }
      members.splice(members.indexOf(member), 1)
      await pause(this.#random.between(RESTART_MS.least, RESTART_MS.most))
      if (!this.#retired.has(role)) this.start(role)
    })
  }

  /** Those at work, which could be done something to: one that only starts holds nothing yet. */
  running(role: Role): readonly string[] {
    return this.#of(role)
      .filter(({ who, child, frozen }) => child.running && !frozen && this.#isUp(who))
      .map(({ who }) => who)
  }

  kill(role: Role, who: string): void {
    const member = this.#find(role, who)
    if (member === undefined) return
    member.killed = true
    this.#say({ what: 'killed', victim: who })
    member.child.signal('SIGKILL')
  }

  /** Stops it as a laptop's lid does: it runs on after `ms` as if nothing had been. */
  async freeze(role: Role, who: string, ms: number, signal: AbortSignal): Promise<void> {
    const member = this.#find(role, who)
    if (member === undefined) return
    member.frozen = true
    member.child.signal('SIGSTOP')
    this.#say({ what: 'stopped', victim: who })
    await pause(ms, signal)
    this.#say({ what: 'resumed', victim: who })
    member.child.signal('SIGCONT')
    member.frozen = false
  }

  /** Asks all of a role to end, and waits until they have; no new ones are started. */
  async retire(role: Role): Promise<void> {
    this.#retired.add(role)
    const members = [...this.#of(role)]
    for (const { child } of members) child.signal('SIGTERM')
    const timeout = pause(GOODBYE_MS).then(() => {
      for (const { child } of members) child.signal('SIGKILL')
    })
    const all = Promise.all(members.map(({ child }) => child.ended))
    await Promise.race([all, timeout])
    await all
  }

  /** What the last of them wrote to stderr, if anything. */
  complaints(): string[] {
    return [...this.#members.values()].flat().flatMap(({ who, child }) => {
      const text = child.complaint().trim()
      return text === '' ? [] : [`${who}: ${text}`]
    })
  }

  async destroy(): Promise<void> {
    const members = [...this.#members.values()].flat()
    for (const role of this.#members.keys()) this.#retired.add(role)
    for (const { child } of members) child.signal('SIGKILL')
    await Promise.all(members.map(({ child }) => child.ended))
  }

  #of(role: Role): Member[] {
    return this.#members.get(role) as Member[]
  }

  #find(role: Role, who: string): Member | undefined {
    return this.#of(role).find((member) => member.who === who)
  }
}
