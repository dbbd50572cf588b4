import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { SortedSet } from '../src/sorted-set.js'

const byNumber = (a: number, b: number) => a - b

/** The same, obviously right: one sorted array. */
class NaiveSet {
  members: number[] = []

  add(member: number): void {
    this.members.push(member)
    this.members.sort(byNumber)
  }

  delete(member: number): boolean {
    const before = this.members.length
    this.members = this.members.filter((other) => other !== member)
    return this.members.length < before
  }

  rank(member: number): number {
    return this.members.filter((other) => other < member).length
  }
}

type Step =
  | { readonly kind: 'add' | 'delete'; readonly member: number }
  | { readonly kind: 'append' | 'takeFirst'; readonly times: number }

const member = fc.nat({ max: 400 })
const times = fc.integer({ min: 1, max: 40 })
const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.oneof(
    fc.record({ kind: fc.constant('add' as const), member }),
    fc.record({ kind: fc.constant('delete' as const), member }),
    fc.record({ kind: fc.constant('append' as const), times }),
    fc.record({ kind: fc.constant('takeFirst' as const), times }),
  ),
  { maxLength: 120 },
)

function carryOut(step: Step, set: SortedSet<number>, naive: NaiveSet): void {
  switch (step.kind) {
    case 'add':
      if (naive.members.includes(step.member)) return
      set.add(step.member)
      naive.add(step.member)
      return
    case 'delete':
      expect(set.delete(step.member)).toBe(naive.delete(step.member))
      return
    case 'append':
      for (let i = 0; i < step.times; i++) {
        const next = (naive.members.at(-1) ?? 0) + 1
        set.add(next)
        naive.add(next)
      }
      return
    case 'takeFirst':
      for (const first of naive.members.slice(0, step.times)) {
        expect(set.first()).toBe(first)
        expect(set.delete(first)).toBe(true)
        naive.delete(first)
      }
  }
}

function expectSame(set: SortedSet<number>, naive: NaiveSet): void {
  const { members } = naive
  expect(set.size).toBe(members.length)
  expect(set.first()).toBe(members[0])
  expect([...set.ascending()]).toEqual(members)
  expect([...set.descending()]).toEqual([...members].reverse())
  for (const probe of [-1, 0, 1, 17, 200, 399, 10_000, ...members.slice(0, 3), ...members.slice(-3)]) {
    expect(set.rank(probe), `rank of ${probe}`).toBe(naive.rank(probe))
    expect([...set.ascending(probe)], `after ${probe}`).toEqual(members.filter((m) => m > probe))
    expect([...set.descending(probe)], `before ${probe}`).toEqual(members.filter((m) => m < probe).reverse())
  }
}

describe('sorted set', () => {
  // Chunks of four split and join all the time; the largest here never do.
  it.each([2, 4, 8, 1_024])('is a sorted array, whatever is done to it, with chunks of %i', (chunkMax) => {
    fc.assert(
      fc.property(steps, (sequence) => {
        const set = new SortedSet(byNumber, chunkMax)
        const naive = new NaiveSet()
        for (const step of sequence) carryOut(step, set, naive)
        expectSame(set, naive)
      }),
      { numRuns: 150 },
    )
  })

  it('keeps ranks over hundreds of chunks, filled at random and emptied from everywhere', () => {
    const size = 60_000
    // 7,919 is prime to the size: every number once, far apart.
    const shuffled = Array.from({ length: size }, (_, i) => (i * 7_919) % size)
    const set = new SortedSet(byNumber, 128)
    for (const number of shuffled) set.add(number)
    for (let number = 0; number < size; number += 997) expect(set.rank(number)).toBe(number)
    for (const number of shuffled) if (number % 3 !== 0) expect(set.delete(number)).toBe(true)
    expect(set.size).toBe(size / 3)
    for (let number = 0; number < size; number += 993) expect(set.rank(number)).toBe(number / 3)
    expect(set.rank(size)).toBe(size / 3)
    expect(set.delete(1)).toBe(false)
  })

  it('orders by what it is told, not by what stands in the members', () => {
    const set = new SortedSet<{ key: number; name: string }>((a, b) => b.key - a.key)
    const [one, two, three] = [1, 2, 3].map((key) => ({ key, name: `n${key}` })) as [
      { key: number; name: string },
      { key: number; name: string },
      { key: number; name: string },
    ]
    for (const added of [two, three, one]) set.add(added)
    expect([...set.ascending()].map(({ name }) => name)).toEqual(['n3', 'n2', 'n1'])
    expect(set.delete({ key: 2, name: 'another object in the same place' })).toBe(true)
    expect([...set.ascending()]).toEqual([three, one])
  })

  it('answers when it is empty, also after it was not', () => {
    const set = new SortedSet(byNumber, 4)
    for (const round of [0, 1]) {
      expect([set.size, set.first(), set.rank(5), set.delete(5)], `round ${round}`).toEqual([
        0,
        undefined,
        0,
        false,
      ])
      expect([...set.ascending(3), ...set.descending(3), ...set.ascending(), ...set.descending()]).toEqual([])
      for (let i = 0; i < 20; i++) set.add(i)
      for (let i = 19; i >= 0; i--) set.delete(i)
    }
  })
})
