import { type Account, createQueue, type Limit, type Queue } from '@genqueue/core'
import { ManualClock, Tables, tableStorage } from '@genqueue/core/testing'
import { beforeEach, describe, expect, it } from 'vitest'
import { ask, silent } from './support/queue.js'

/** A queue whose books can be tampered with behind its back. */
describe('verify and repair', () => {
  let queue: Queue
  let tables: Tables
  const clock = new ManualClock()

  beforeEach(async () => {
    tables = new Tables()
    queue = createQueue({ storage: tableStorage({ tables }), models: { m: 2 }, clock, logger: silent })
    await queue.tickets.grant('ada', 10)
    await queue.enqueue(ask({ ticketCost: 2 }))
    await queue.enqueue(ask({ ticketCost: 3 }))
    await queue.claim()
  })

  const troubles = async () =>
    (await queue.verify()).findings.map(({ trouble, law, evidence }) => ({ trouble, law, evidence }))
  const tamper = {
    capacity: () => tables.limits.set('m', { ...(tables.limit('m') as Limit), active: 0 }),
    refund: () => tables.accounts.set('ada', { ...(tables.account('ada') as Account), reserved: 9 }),
    books: () => tables.accounts.set('ada', { ...(tables.account('ada') as Account), balance: 60 }),
    death: () => clock.set(clock.now() + 12_000),
  }
  const expected = {
    capacity: { trouble: 'capacity_drift', law: 9, evidence: { active: 0, processing: 1 } },
    refund: { trouble: 'tickets_not_refunded', law: 3, evidence: { reserved: 9, live: 5 } },
    books: {
      trouble: 'ticket_books',
      law: 3,
      evidence: { balance: 60, reserved: 5, granted: 10, captured: 0 },
    },
    death: { trouble: 'stuck_processing', law: 7, evidence: { attempt: 1, maxAttempts: 3 } },
  }

  it('finds nothing where nothing is wrong, and counts what it looked at', async () => {
    expect(await queue.verify()).toMatchObject({ ok: true, models: 1, users: 1, findings: [] })
    expect(await queue.repair()).toEqual({ dryRun: false, findings: [], remaining: [] })
  })

  it.each(Object.keys(tamper) as (keyof typeof tamper)[])(
    'names %s with evidence, and mends it after a dry run',
    async (what) => {
      tamper[what]()
      expect(await troubles()).toEqual([expected[what]])
      const dry = await queue.repair({ dryRun: true })
      expect(dry).toMatchObject({ dryRun: true, remaining: dry.findings })
      expect(await troubles()).toEqual([expected[what]])
      expect(await queue.repair()).toMatchObject({ dryRun: false, remaining: [] })
      expect(await queue.verify()).toMatchObject({ ok: true })
    },
  )

  it('gives the slot of a dead process to the next in line', async () => {
    tamper.death()
    await queue.repair()
    expect(await queue.stats()).toMatchObject({ queued: 2, processing: 0 })
    const claimed = await queue.claim({ max: 5 })
    expect(claimed.map(({ attempt }) => attempt)).toEqual([2, 1])
  })
})
