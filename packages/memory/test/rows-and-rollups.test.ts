import { type GenerationRow, HOUR_MS, type RollupFact } from '@genqueue/core'
import { describe, expect, it } from 'vitest'
import { Rollups } from '../src/rollups.js'
import { RowTable } from '../src/row-table.js'

const row = (queueId: number) => ({ queueId }) as GenerationRow

describe('row table', () => {
  it('finds and removes rows at the edges of its chunks', () => {
    const table = new RowTable()
    const ids = Array.from({ length: 5_000 }, () => table.nextId())
    expect([ids[0], ids.at(-1)]).toEqual([1, 5_000])
    for (const id of ids) table.add(row(id))
    for (const id of [1, 1_023, 1_024, 1_025, 2_047, 2_048, 5_000]) {
      expect(table.get(id)?.queueId).toBe(id)
      table.delete(id)
      table.delete(id)
      expect(table.get(id)).toBeUndefined()
    }
    expect(table.get(1_026)?.queueId).toBe(1_026)
  })

  it('has nothing where no id was given out', () => {
    const table = new RowTable()
    table.add(row(table.nextId()))
    for (const id of [0, -1, 2, 1_025, 1.5, 2 ** 32 + 1, Number.MAX_SAFE_INTEGER, Number.NaN]) {
      expect(table.get(id), `${id}`).toBeUndefined()
    }
  })

  it('takes new rows after all that stood in a chunk are gone', () => {
    const table = new RowTable()
    for (let i = 0; i < 1_500; i++) table.add(row(table.nextId()))
    for (let id = 1; id <= 1_500; id++) table.delete(id)
    const id = table.nextId()
    table.add(row(id))
    expect([table.get(1_500), table.get(id)?.queueId]).toEqual([undefined, 1_501])
  })
})

describe('rollups', () => {
  const hour = 472_222 * HOUR_MS
  const fact = (overrides: Partial<RollupFact>): RollupFact => ({
    modelId: 'm',
    hour,
    measure: 'wait',
    bin: 0,
    count: 1,
    sum: 10,
    ...overrides,
  })

  const take = (rollups: Rollups, { measure, modelId, bin, sum, ...at }: RollupFact) =>
    rollups.takeFact(measure, modelId, at.hour, bin, sum)

  it('sums by hour, measure and bin, also when an earlier hour comes back', () => {
    const rollups = new Rollups()
    for (const added of [
      fact({}),
      fact({ bin: 9, sum: 5 }),
      fact({ hour: hour + HOUR_MS }),
      fact({ sum: 7 }),
      fact({ measure: 'run', bin: 9, sum: 3 }),
    ])
      take(rollups, added)
    expect([...rollups.from('m', hour)]).toEqual([
      fact({ count: 2, sum: 17 }),
      fact({ bin: 9, sum: 5 }),
      fact({ measure: 'run', bin: 9, sum: 3 }),
      fact({ hour: hour + HOUR_MS }),
    ])
    expect([...rollups.from('m', hour + 1)]).toEqual([fact({ hour: hour + HOUR_MS })])
  })

  it('purges whole hours that are over, in steps of no more than was asked, and counts anew after it', () => {
    const rollups = new Rollups()
    for (const bin of [0, 3, 7]) take(rollups, fact({ bin }))
    take(rollups, fact({ hour: hour + HOUR_MS }))
    expect(rollups.purge(hour + HOUR_MS - 1, HOUR_MS, 100)).toBe(0)
    expect(rollups.purge(hour + HOUR_MS, HOUR_MS, 2)).toBe(2)
    expect([...rollups.from('m', hour)]).toHaveLength(2)
    expect(rollups.purge(hour + HOUR_MS, HOUR_MS, 2)).toBe(1)
    expect(rollups.purge(hour + 2 * HOUR_MS, HOUR_MS, 2)).toBe(1)
    expect([...rollups.from('m', 0)]).toEqual([])
    take(rollups, fact({ hour: hour + HOUR_MS }))
    expect([...rollups.from('m', 0)]).toEqual([fact({ hour: hour + HOUR_MS })])
  })
})
