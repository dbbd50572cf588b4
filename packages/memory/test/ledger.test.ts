import type { LedgerEntry, LedgerLine } from '@genqueue/core'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { EntryIds, Ledger } from '../src/ledger.js'

const line = (overrides: Partial<LedgerLine> = {}): LedgerLine => ({
  userId: 'ada',
  at: 1_700_000_000_000,
  kind: 'reserve',
  amount: 4,
  balance: 100,
  reserved: 4,
  queueId: 7,
  key: null,
  memo: null,
  ...overrides,
})

const lineArbitrary = fc.record({
  kind: fc.constantFrom('grant', 'revoke', 'reserve', 'capture', 'refund') as fc.Arbitrary<
    LedgerLine['kind']
  >,
  amount: fc.integer({ min: 1, max: 2_147_483_647 }),
  balance: fc.nat({ max: 2_147_483_647 }),
  reserved: fc.nat({ max: 2_147_483_647 }),
  queueId: fc.option(fc.integer({ min: 1, max: 5 })),
  memo: fc.option(fc.string({ maxLength: 5 })),
  keyed: fc.boolean(),
  afterMs: fc.nat({ max: 3 }),
})
type Step =
  | {
      readonly lines: number
      readonly like: Omit<LedgerLine, 'userId' | 'at' | 'key'> & { keyed: boolean; afterMs: number }
    }
  | { readonly purgeMs: number; readonly max: number }

const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.oneof(
    { weight: 3, arbitrary: fc.record({ lines: fc.integer({ min: 1, max: 150 }), like: lineArbitrary }) },
    { weight: 1, arbitrary: fc.record({ purgeMs: fc.nat({ max: 200 }), max: fc.nat({ max: 400 }) }) },
  ),
  { maxLength: 25 },
)

describe('ledger', () => {
  it('gives back what was written, newest first, over chunks of every size and after purges', () => {
    fc.assert(
      fc.property(steps, (sequence) => {
        const ids = new EntryIds()
        const ledger = new Ledger('ada', ids)
        let naive: LedgerEntry[] = []
        let at = 1_700_000_000_000
        let lastId = 0
        for (const step of sequence) {
          if ('purgeMs' in step) {
            const before = (naive[0]?.at ?? at) + step.purgeMs
            const old = naive.filter((entry) => entry.at <= before).slice(0, step.max)
            expect(ledger.purge(before, step.max)).toBe(old.length)
            naive = naive.slice(old.length)
            continue
          }
          const { keyed, afterMs, ...like } = step.like
          for (let i = 0; i < step.lines; i++) {
            at += afterMs
            // Ids have gaps: other users write in between.
            for (let other = 0; other < i % 3; other++) ids.next()
            lastId += 1 + (i % 3)
            const entry = { ...line({ ...like, at }), key: keyed ? `key-${lastId}` : null }
            ledger.add(entry)
            naive.push({ entryId: lastId, ...entry })
          }
        }
        expect([...ledger.descending()]).toEqual([...naive].reverse())
        expect(ledger.isEmpty).toBe(naive.length === 0)
        expect(ledger.oldest()).toEqual(naive[0] && { at: naive[0].at, entryId: naive[0].entryId })
        const middle = naive[naive.length >> 1]
        const before = middle === undefined ? 1 : middle.entryId
        expect([...ledger.descending(before)]).toEqual(naive.filter((e) => e.entryId < before).reverse())
        expect([...ledger.descending(lastId, 3)]).toEqual(
          naive.filter((e) => e.entryId < lastId && e.queueId === 3).reverse(),
        )
        for (const entry of naive.slice(0, 5)) {
          if (entry.key !== null) expect(ledger.posted(entry.key)).toEqual(entry)
        }
      }),
      { numRuns: 200 },
    )
  })

  it('forgets a key with its entry', () => {
    const ledger = new Ledger('ada', new EntryIds())
    ledger.add(line({ kind: 'grant', queueId: null, key: 'welcome', memo: 'hello' }))
    ledger.add(line({ at: 1_700_000_000_001 }))
    expect(ledger.posted('welcome')).toMatchObject({ entryId: 1, kind: 'grant', memo: 'hello' })
    expect(ledger.posted('other')).toBeUndefined()
    expect(ledger.purge(1_700_000_000_000, 10)).toBe(1)
    expect(ledger.posted('welcome')).toBeUndefined()
    expect([...ledger.descending()].map(({ entryId }) => entryId)).toEqual([2])
  })
})
