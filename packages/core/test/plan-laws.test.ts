import { findBreaches, findStepBreaches, type GenerationRow, type Limit, type Snapshot } from '@genqueue/core'
import {
  admitCommand,
  admitItem,
  limitCommand,
  limitItem,
  postCommand,
  Tables,
  tableStorage,
} from '@genqueue/core/testing'
import { beforeAll, describe, expect, it } from 'vitest'

const T0 = 1_700_000_000_000

/** One running, one waiting, one cancelled, all well. */
async function soundSnapshot(): Promise<Snapshot> {
  const tables = new Tables()
  const storage = tableStorage({ tables })
  await storage.limit(limitCommand([limitItem('m')], T0))
  await storage.post(postCommand('ada', 10, T0))
  const items = ['t', null, null].map((leaseToken) => admitItem({ leaseToken, ticketCost: 2 }))
  await storage.admit(admitCommand(items, T0))
  const third = tables.row(3) as GenerationRow
  tables.rows.set(3, { ...third, status: 'cancelled', ticketsUsed: 0, completedAt: T0 })
  const account = tables.account('ada')
  if (account) tables.accounts.set('ada', { ...account, reserved: 4 })
  return { rows: tables.all(), accounts: [...tables.accounts.values()], limits: [...tables.limits.values()] }
}

let sound: Snapshot
beforeAll(async () => {
  sound = await soundSnapshot()
})

const withRow = (queueId: number, patch: Partial<GenerationRow>): Snapshot => ({
  ...sound,
  rows: sound.rows.map((row) => (row.queueId === queueId ? { ...row, ...patch } : row)),
})
const withLimit = (patch: Partial<Limit>): Snapshot => ({
  ...sound,
  limits: sound.limits.map((limit) => ({ ...limit, ...patch })),
})
const laws = (breaches: { law: number }[]) => [...new Set(breaches.map(({ law }) => law))].sort()

describe('findBreaches', () => {
  it('finds nothing where all is well', () => {
    expect(findBreaches(sound)).toEqual([])
    expect(findStepBreaches(sound, sound)).toEqual([])
  })

  const account = (patch: object) => ({ ...sound, accounts: sound.accounts.map((a) => ({ ...a, ...patch })) })
  const broken: [what: string, make: () => Snapshot, expected: number[]][] = [
    ['reserved beside the rows', () => account({ reserved: 5 }), [3]],
    ['a balance that grants do not explain', () => account({ balance: 11 }), [3]],
    ['less balance than reserved', () => account({ balance: 3, granted: 3 }), [3]],
    ['settled without saying how', () => withRow(3, { ticketsUsed: null }), [4]],
    ['more used than reserved', () => withRow(3, { ticketsUsed: 3 }), [4]],
    ['waiting and yet settled', () => withRow(2, { ticketsUsed: 0 }), [4]],
    ['running without a lease', () => withRow(1, { leaseToken: null }), [9]],
    ['waiting with a lease', () => withRow(2, { leaseToken: 't' }), [9]],
    ['settled at no time', () => withRow(3, { completedAt: null }), [9]],
    ['more attempts than allowed', () => withRow(1, { attempt: 4 }), [9]],
    ['a slot that nobody holds', () => withLimit({ active: 2 }), [9]],
    ['a key twice', () => withRow(2, { idempotencyKey: sound.rows[0]?.idempotencyKey ?? '' }), [8]],
  ]
  it.each(broken)('finds %s', (_what, make, expected) => {
    expect(laws(findBreaches(make()))).toEqual(expected)
  })
})

describe('findStepBreaches', () => {
  const without = (queueId: number): Snapshot => ({
    ...sound,
    rows: sound.rows.filter((row) => row.queueId !== queueId),
  })
  const anew = (status: 'completed' | 'queued') =>
    withRow(3, { status, timeline: `${sound.rows[2]?.timeline}resubmit@${T0},` })
  const steps: [what: string, after: () => Snapshot, expected: number[]][] = [
    ['a slot taken beyond the cap', () => withLimit({ active: 2 }), [1]],
    ['a cap lowered below what runs', () => withLimit({ maxConcurrent: 0 }), []],
    ['a settled generation settled otherwise', () => withRow(3, { status: 'completed' }), [6]],
    ['a settled generation queued anew', () => anew('queued'), []],
    ['queued anew and settled within a batch', () => anew('completed'), []],
    ['a settled generation charged later', () => withRow(3, { ticketsUsed: 2 }), [4]],
    ['a waiting generation lost', () => without(2), [7]],
    ['a settled generation lost', () => without(3), [7]],
  ]
  it.each(steps)('judges %s', (_what, after, expected) => {
    expect(laws(findStepBreaches(sound, after()))).toEqual(expected)
  })

  it('lets a purge remove what it was told to', () => {
    expect(findStepBreaches(sound, without(3), ['cancelled'])).toEqual([])
    expect(laws(findStepBreaches(sound, without(2), ['cancelled']))).toEqual([7])
  })
})
