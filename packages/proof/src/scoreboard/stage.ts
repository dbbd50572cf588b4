import { type Child, startScript } from '../chaos/child.js'
import { monotonicMs, until } from '../chaos/time.js'
import type { ContenderName } from './contenders.js'
import type { Ground } from './library/adapter.js'
import { Observer } from './observer.js'
import type { MemberOrders } from './processes/member.js'
import type { Order } from './wire.js'

const MEMBER = new URL('./processes/member.ts', import.meta.url)
const START_MS = 60_000
const ANSWER_MS = 60_000
const TELL_MS = 10_000

export interface StageScene {
  readonly contender: ContenderName
  readonly ground: Ground
  /** Path of the binary that runs the processes. */
  readonly node: string
  /** Ends all waiting. */
  readonly signal: AbortSignal
  readonly progress: (line: string) => void
}

/** A set of processes of one contender, and the observer that they report to. */
export class Stage {
  readonly observer = new Observer()
  readonly #scene: StageScene
  readonly #members = new Map<string, Child>()
  #port = 0

  constructor(scene: StageScene) {
    this.#scene = scene
  }

  async open(): Promise<void> {
    this.#port = await this.observer.listen()
  }

  /** Starts processes and waits until all of them have connected, to the storage too. */
  async start(names: readonly string[]): Promise<void> {
    const { contender, ground, node } = this.#scene
    for (const who of names) {
      const orders: MemberOrders = { who, contender, ground, observerPort: this.#port }
      this.#members.set(who, startScript(MEMBER, [JSON.stringify(orders)], node))
    }
    const here = await this.#until(names, () => names.every((who) => this.observer.isHere(who)), START_MS)
    if (!here) throw new Error(`not all of ${names.join(', ')} started within ${START_MS / 1_000} s`)
  }

  async ask(who: string, order: Order): Promise<number> {
    const told: { answer?: number; failure?: unknown } = {}
    this.observer.ask(who, order).then(
      (value) => {
        told.answer = value
      },
      (error: unknown) => {
        told.failure = error
      },
    )
    await this.#until([who], () => 'answer' in told || 'failure' in told, ANSWER_MS)
    if ('failure' in told) throw told.failure
    if (told.answer !== undefined) return told.answer
    throw new Error(`${who} did not answer "${order.order}" within ${ANSWER_MS / 1_000} s`)
  }

  askAll(names: readonly string[], order: Order): Promise<number[]> {
    return Promise.all(names.map((who) => this.ask(who, order)))
  }

  /** Looks at the books until `met`, telling now and then what is waited for; false when the time is over. */
  async until(what: string, met: () => boolean | Promise<boolean>, timeoutMs: number): Promise<boolean> {
    const startedAt = monotonicMs()
    const telling = setInterval(() => {
      const waited = Math.round((monotonicMs() - startedAt) / 1_000)
      this.#scene.progress(`waiting for ${what}: ${waited} s of at most ${timeoutMs / 1_000}`)
    }, TELL_MS)
    try {
      return await this.#until([...this.#members.keys()], met, timeoutMs)
    } finally {
      clearInterval(telling)
    }
  }

  /** As the kernel does when memory is short. Answers when it was, on the monotonic clock. */
  async kill(who: string): Promise<number> {
    const member = this.#members.get(who)
    this.#members.delete(who)
    member?.signal('SIGKILL')
    const at = monotonicMs()
    await member?.ended
    this.observer.died(who, at)
    return at
  }

  async close(): Promise<void> {
    const members = [...this.#members.values()]
    for (const member of members) member.signal('SIGKILL')
    await Promise.all(members.map(({ ended }) => ended))
    await this.observer.close()
  }

  async #until(
    names: readonly string[],
    met: () => boolean | Promise<boolean>,
    timeoutMs: number,
  ): Promise<boolean> {
    return until(async () => {
      this.#scene.signal.throwIfAborted()
      for (const who of names) this.#mustRun(who)
      return met()
    }, timeoutMs)
  }

  #mustRun(who: string): void {
    const member = this.#members.get(who)
    if (member === undefined || member.running) return
    throw new Error(`${who} ended by itself: ${member.complaint().trim()}`)
  }
}
