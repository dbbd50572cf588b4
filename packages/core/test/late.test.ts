import { createQueue, type Queue, type Storage } from '@genqueue/core'
import { ManualClock } from '@genqueue/core/testing'
import { memoryStorage } from '@genqueue/memory'
import { afterEach, describe, expect, it } from 'vitest'
import { ask, silent, until } from './support/queue.js'

const LEASE_MS = 12_000
const PAST = LEASE_MS + 1
const WITHIN = LEASE_MS * 0.7
const URL_OF_RESULT = 'https://img.example/1.png'
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))

/**
 * Claims are carried out at once; their answers come when `open` is called, as to a process that was stopped. The first
 * `passing` of them come at once too.
 */
function answersHeld(inner: Storage, passing: number) {
  let open = () => {}
  let claims = 0
  const opened = new Promise<void>((resolve) => {
    open = resolve
  })
  const gate = async <Result>(result: Result, claimed: readonly unknown[]): Promise<Result> => {
    if (claimed.length === 0) return result
    claims += 1
    if (claims > passing) await opened
    return result
  }
  const storage: Storage = {
    ...inner,
    async claim(command) {
      const rows = await inner.claim(command)
      return gate(rows, rows)
    },
    async applyAndClaim(...commands) {
      const both = await (inner.applyAndClaim as NonNullable<Storage['applyAndClaim']>)(...commands)
      return gate(both, both.claimed)
    },
  }
  return { storage, open: () => open(), isHeld: () => claims > passing }
}

/** How a process takes generations; how many it has taken before the one whose answer takes long. */
type Way = readonly [string, number, (queue: Queue, run: () => string) => unknown]
const WAYS: readonly Way[] = [
  ['a worker', 0, (queue, run) => void queue.worker(run).start()],
  ['a worker, along with a settle', 1, (queue, run) => void queue.worker(run, { concurrency: 1 }).start()],
  ['drain', 0, (queue, run) => queue.drain(run)],
]

describe('a claim whose answer took long', () => {
  const queues: Queue[] = []
  afterEach(async () => {
    for (const queue of queues.splice(0)) await queue.close()
  })

  /** One process claims and hears of it `passMs` later; meanwhile another runs what has lapsed. Answers who ran what. */
  async function played(passMs: number, before: number, take: Way[2]) {
    const [clock, inner] = [new ManualClock(), memoryStorage()]
    const slow = answersHeld(inner, before)
    const [stopped, other] = [slow.storage, inner].map((storage) =>
      createQueue({ storage, clock, leaseMs: LEASE_MS, models: { m: 2 }, logger: silent }),
    ) as [Queue, Queue]
    queues.push(stopped, other)
    await other.tickets.grant('ada', 100)
    for (let i = 0; i <= before; i++) await other.enqueue(ask())
    const ran: string[] = []
    const runBy = (name: string) => () => {
      ran.push(name)
      return URL_OF_RESULT
    }
    const taken = Promise.resolve(take(stopped, runBy('stopped')))
    await until(slow.isHeld)
    clock.set(clock.now() + passMs)
    await other.drain(runBy('other'))
    slow.open()
    const answer = await taken
    // What would be run wrongly is run at once.
    await pause(20)
    const { findings } = await other.verify()
    return { ran, answer, findings, clock, completed: (await other.stats()).completed }
  }

  it.each(WAYS)('past its lease is not run: %s', async (_, before, take) => {
    const { ran, completed, findings } = await played(PAST, before, take)
    expect(ran).toEqual([...Array<string>(before).fill('stopped'), 'other'])
    expect({ completed, findings }).toEqual({ completed: before + 1, findings: [] })
  })

  it.each(WAYS)('within its lease is run: %s', async (_, before, take) => {
    const { ran, completed, findings } = await played(WITHIN, before, take)
    expect(ran).toEqual(Array<string>(before + 1).fill('stopped'))
    expect({ completed, findings }).toEqual({ completed: before + 1, findings: [] })
  })

  it('is no claim to who claims by hand and is past the lease, and a renewed lease to who is within', async () => {
    const claim = (queue: Queue) => queue.claim()
    expect((await played(PAST, 0, claim)).answer).toEqual([])
    const { answer, clock } = await played(WITHIN, 0, claim)
    expect(answer).toMatchObject([{ lease: { expiresAt: clock.now() + LEASE_MS } }])
  })
})
