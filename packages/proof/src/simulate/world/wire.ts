import { type AdmitCommand, type Storage, StorageError, type StorageSupport } from '@genqueue/core'
import type { Random } from '../../chaos/random.js'
import { type AnswerOf, isTogether, type Method, type Observer, timeOf } from '../observer/observer.js'
import { Violation } from '../observer/violation.js'
import { describeCall } from './describe.js'
import type { Instance } from './instance.js'
import type { Scheduler } from './scheduler.js'
import type { Setting } from './setting.js'
import type { WakeUps } from './wake-ups.js'

/** A storage call between a process and the storage. */
export interface Call {
  readonly from: Instance
  readonly method: Method
  readonly command: unknown
  readonly resolve: (answer: unknown) => void
  readonly reject: (error: unknown) => void
  /** `gone`: it never arrives. `orphan`: it arrives, and nobody waits for the answer. */
  fate: 'normal' | 'gone' | 'orphan'
}

export interface WireOptions {
  readonly setting: Setting
  readonly scheduler: Scheduler
  readonly random: Random
  readonly observer: Observer
  readonly wakeUps: WakeUps
  readonly note: (who: string, text: string) => void
  readonly kill: (instance: Instance, why: string) => void
}

type Trouble = 'deaths before' | 'deaths after' | 'refusals' | 'lost-replies' | 'duplicates' | null

const QUICK_MS = 3
const SLOW_LEASES = 1.3

/**
 * The way from the processes to the storage. Every call waits here until its time has come, and exactly one is carried out
 * at a time, so that who comes before whom is the seed's choice, whatever the storage is. Here the faults happen, and
 * here the observer sees every answer, those that never arrive included.
 */
export class Wire {
  /** No faults any more, and everything arrives at once. */
  calm = false
  outageUntil = 0
  readonly underWay = new Set<Call>()
  readonly #options: WireOptions
  readonly #inOrder = new Map<Instance, { calls: Call[]; replies: (() => void)[] }>()

  constructor(options: WireOptions) {
    this.#options = options
  }

  /** The storage as a process sees it. */
  storageOf(from: Instance, inner: Storage): Storage {
    const { setting, wakeUps } = this.#options
    const call =
      (method: Method) =>
      (command?: unknown): Promise<never> =>
        this.#send(from, inner, method, command)
    const methods = Object.fromEntries(METHODS.map((method) => [method, call(method)]))
    const send = call('applyAndClaim')
    const applyAndClaim: Storage['applyAndClaim'] = (apply, claim) => send({ apply, claim })
    const listen = (wake: (modelIds: readonly string[]) => void) => wakeUps.listen(from, wake)
    return {
      name: inner.name,
      supports: supportsOf(inner.supports, setting),
      ...(methods as unknown as Pick<Storage, Method>),
      // What a process closes is its own end of the wire.
      close: async () => {},
      ...(inner.applyAndClaim === undefined ? {} : { applyAndClaim }),
      ...(setting.listens ? { listen } : {}),
    }
  }

  /** What a dead process had sent: some of it arrives all the same. */
  orphan(from: Instance): void {
    for (const call of this.underWay) {
      if (call.from === from) call.fate = this.#options.random.next() < 0.5 ? 'gone' : 'orphan'
    }
  }

  #send(from: Instance, inner: Storage, method: Method, command: unknown): Promise<never> {
    return new Promise((resolve, reject) => {
      const call: Call = {
        from,
        method,
        command,
        resolve: resolve as Call['resolve'],
        reject,
        fate: 'normal',
      }
      this.underWay.add(call)
      const { scheduler, setting } = this.#options
      const latency = this.#latency()
      if (!setting.inOrder) {
        scheduler.after(latency, () => this.#arrive(call, inner))
        return
      }
      // Whoever arrives first carries what was sent first.
      const line = this.#lineOf(from)
      line.calls.push(call)
      scheduler.after(latency, () => this.#arrive(line.calls.shift() as Call, inner))
    })
  }

  #lineOf(from: Instance) {
    const line = this.#inOrder.get(from) ?? { calls: [], replies: [] }
    this.#inOrder.set(from, line)
    return line
  }

  async #arrive(call: Call, inner: Storage): Promise<void> {
    const trouble = this.#trouble()
    this.underWay.delete(call)
    if (call.fate === 'gone') return
    const { note, observer, kill } = this.#options
    const { from } = call
    const happens = call.fate === 'orphan' ? null : trouble
    if (happens !== null) observer.count(happens)
    if (happens === 'deaths before') {
      call.fate = 'gone'
      return kill(from, `dies before ${call.method}`)
    }
    if (happens === 'refusals') {
      note(from.name, `${call.method} is refused: the storage is away`)
      return this.#reply(from, () => call.reject(away()))
    }
    const answer = await this.#carryOut(call, inner, happens === 'lost-replies' ? ' (the reply is lost)' : '')
    if (happens === 'deaths after') return kill(from, `dies after ${call.method}`)
    if (happens === 'duplicates') this.#repeat(call, inner)
    if (call.fate === 'orphan') return
    this.#reply(from, () => (happens === 'lost-replies' ? call.reject(away()) : call.resolve(answer)))
  }

  async #carryOut(call: Call, inner: Storage, remark: string): Promise<unknown> {
    const { observer, scheduler, note, wakeUps } = this.#options
    const { from, method } = call
    const command = this.#timed(call.command)
    const orphan = call.fate === 'orphan' ? ' (nobody waits for the answer)' : ''
    let answer: AnswerOf<Method>
    try {
      answer = await handOver(inner, method, command)
    } catch (error) {
      throw new Violation('contract', {}, `${method} threw although nothing was wrong: ${messageOf(error)}`)
    }
    note(from.name, `${describeCall(method, command, answer, scheduler.startedAt)}${remark}${orphan}`)
    try {
      const touched = observer.judge(method, command as never, answer as never, scheduler.now)
      await observer.look(inner, method, touched)
    } catch (error) {
      if (error instanceof Violation) throw error
      throw new Violation('contract', {}, `the answer to ${method} cannot be understood: ${messageOf(error)}`)
    }
    wakeUps.tell(method, command, observer.books)
    return answer
  }

  /** Sent once more by a network or a client that had given it up; whenever it arrives, nobody waits for it. */
  #repeat(call: Call, inner: Storage): void {
    // No network sends twice to a storage that is not shared, which therefore counts on being told.
    const told = call.method === 'admit' && !inner.supports.shared
    const command = told ? { ...(call.command as AdmitCommand), again: true } : call.command
    const ghost: Call = { ...call, command, fate: 'orphan' }
    const { scheduler, random, setting } = this.#options
    this.underWay.add(ghost)
    scheduler.after(random.next() ** 3 * SLOW_LEASES * setting.leaseMs, () => this.#arrive(ghost, inner))
  }

  #reply(from: Instance, act: () => void): void {
    const { scheduler, setting } = this.#options
    const latency = this.#latency()
    if (!setting.inOrder) {
      if (latency === 0 && from.frozenUntil <= scheduler.now) act()
      else scheduler.after(latency, act, from)
      return
    }
    const { replies } = this.#lineOf(from)
    replies.push(act)
    scheduler.after(latency, () => replies.shift()?.(), from)
  }

  /** As in production the storage's clock counts, or the caller's. */
  #timed(command: unknown): unknown {
    const { setting, scheduler } = this.#options
    if (setting.times === 'of the process' || timeOf(command) === undefined) return command
    const at = scheduler.now
    if (isTogether(command)) return { apply: { ...command.apply, at }, claim: { ...command.claim, at } }
    return { ...(command as object), at }
  }

  #latency(): number {
    const { random, setting } = this.#options
    const [chance, share] = [random.next(), random.next()]
    if (this.calm) return 0
    if (chance < setting.odds.delays) return share ** 2 * SLOW_LEASES * setting.leaseMs
    return chance > 0.7 ? 0 : Math.floor(share * QUICK_MS)
  }

  #trouble(): Trouble {
    const { random, setting, scheduler } = this.#options
    const chance = random.next()
    if (this.calm) return null
    if (scheduler.now < this.outageUntil) return 'refusals'
    const { odds } = setting
    const table: readonly (readonly [Trouble, number])[] = [
      ['deaths before', odds.deaths / 2],
      ['deaths after', odds.deaths / 2],
      ['refusals', odds.refusals],
      ['lost-replies', odds['lost-replies']],
      ['duplicates', odds.duplicates],
    ]
    let until = 0
    for (const [trouble, odd] of table) {
      until += odd
      if (chance < until) return trouble
    }
    return null
  }
}

const METHODS: readonly Method[] = [
  'open',
  'now',
  'admit',
  'claim',
  'start',
  'apply',
  'renew',
  'post',
  'limit',
  'purge',
  'mend',
  'get',
  'list',
  'positions',
  'due',
  'stats',
  'rollups',
  'accounts',
  'ledger',
  'limits',
  'audit',
]

function handOver(inner: Storage, method: Method, command: unknown): Promise<AnswerOf<Method>> {
  if (isTogether(command) && inner.applyAndClaim !== undefined) {
    return inner.applyAndClaim(command.apply, command.claim)
  }
  return (inner[method] as (command: unknown) => Promise<AnswerOf<Method>>)(command)
}

const messageOf = (error: unknown) => (error instanceof Error ? error.message : String(error))

const away = () => new StorageError('out of reach', { transient: true })

const supportsOf = (inner: StorageSupport, setting: Setting): StorageSupport => ({
  ...inner,
  shared: true,
  transactions: false,
  listen: setting.listens,
  batchMax: Math.min(setting.batchMax, inner.batchMax),
  batchesInFlight: setting.inFlight,
})
