import { type Change, type GenerationRow, rollupFacts } from '@genqueue/core'
import { BUCKET_SPANS_MS } from '../buckets.js'
import { placeOf } from '../row.js'
import type { Cells } from './bulk.js'

/** Sums by key, in the order of the keys: writers that take the same rows take them in the same order. */
class Tally {
  readonly #sums = new Map<string, Record<string, string | number>>()

  add(
    key: readonly (string | number)[],
    cells: Record<string, string | number>,
    sums: Record<string, number>,
  ) {
    const text = JSON.stringify(key)
    const known = this.#sums.get(text)
    if (known === undefined) {
      this.#sums.set(text, { ...cells, ...sums })
      return
    }
    for (const [name, value] of Object.entries(sums)) known[name] = (known[name] as number) + value
  }

  /** Those that change something. */
  rows(changing: readonly string[]): Cells[] {
    return [...this.#sums.entries()]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([, cells]) => cells)
      .filter((cells) => changing.some((name) => cells[name] !== 0))
  }
}

export interface Tallies {
  readonly counts: Cells[]
  readonly buckets: Cells[]
  readonly rollups: Cells[]
}

/** What these changes add to the counts, the buckets and the rollups. */
export function talliesOf(
  changes: readonly Change[],
  lane: number,
  laneOf: (row: GenerationRow) => number,
): Tallies {
  const counts = new Tally()
  const buckets = new Tally()
  const rollups = new Tally()
  for (const change of changes) {
    const { row, before } = change
    for (const [of, count] of [
      [before, -1],
      [row, 1],
    ] as const) {
      if (of === null) continue
      const { modelId, status } = of
      counts.add([modelId, status], { modelId, status, lane }, { count })
      if (placeOf(of) === 'ready') addToBuckets(buckets, of, laneOf(of), count)
    }
    for (const { modelId, hour, measure, bin, count, sum } of rollupFacts(change)) {
      rollups.add([modelId, hour, measure, bin], { modelId, hour, measure, bin, lane }, { count, sum })
    }
  }
  return {
    counts: counts.rows(['count']),
    buckets: buckets.rows(['count']),
    rollups: rollups.rows(['count', 'sum']),
  }
}

function addToBuckets(buckets: Tally, row: GenerationRow, lane: number, count: number): void {
  const { modelId } = row
  const turn = turnOf(row)
  for (const [level, span] of BUCKET_SPANS_MS.entries()) {
    const bucket = Math.floor(row.queuedAt / span)
    buckets.add([modelId, level, turn, bucket, lane], { modelId, level, turn, bucket, lane }, { count })
  }
}

/** Lower goes first; 0 and not -0, which JSON and SQL write differently. */
export const turnOf = (row: Pick<GenerationRow, 'priority'>): number => 0 - row.priority
