import type { RollupFact } from '@genqueue/core'

type Measure = RollupFact['measure']
interface Sum {
  count: number
  sum: number
}

/** One model's hourly sums. Nested maps rather than joined keys: this runs several times in every settle. */
export class Rollups {
  readonly #hours = new Map<number, Map<Measure, Map<number, Sum>>>()

  add({ hour, measure, bin, count, sum }: RollupFact): void {
    const measures = entryOf(this.#hours, hour, () => new Map<Measure, Map<number, Sum>>())
    const bins = entryOf(measures, measure, () => new Map<number, Sum>())
    const known = bins.get(bin)
    if (known === undefined) bins.set(bin, { count, sum })
    else {
      known.count += count
      known.sum += sum
    }
  }

  *from(modelId: string, fromHour: number): Generator<RollupFact> {
    for (const [hour, measures] of this.#hours) {
      if (hour < fromHour) continue
      for (const [measure, bins] of measures) {
        for (const [bin, { count, sum }] of bins) yield { modelId, hour, measure, bin, count, sum }
      }
    }
  }

  /** Forgets whole hours that ended by `before`; answers how many facts went. */
  purge(before: number, hourMs: number, max: number): number {
    let removed = 0
    for (const [hour, measures] of this.#hours) {
      if (hour + hourMs > before || removed >= max) continue
      for (const bins of measures.values()) removed += bins.size
      this.#hours.delete(hour)
    }
    return Math.min(removed, max)
  }
}

function entryOf<Key, Value>(map: Map<Key, Value>, key: Key, make: () => Value): Value {
  const known = map.get(key)
  if (known !== undefined) return known
  const made = make()
  map.set(key, made)
  return made
}
