import type { FactTaker, RollupFact } from '@genqueue/core'

type Measure = RollupFact['measure']
interface Sum {
  count: number
  sum: number
}
/** By measure, then by bin. Bins are small integers, so an array finds them at once. */
type Hour = Map<Measure, (Sum | undefined)[]>

/** One model's hourly sums. Several facts come with every settle, nearly all of the hour that came last. */
export class Rollups implements FactTaker {
  readonly #hours = new Map<number, Hour>()
  #latest = Number.NaN
  #latestHour: Hour = new Map()

  takeFact(measure: Measure, _modelId: string, hour: number, bin: number, sum: number): void {
    const bins = this.#binsOf(hour, measure)
    const known = bins[bin]
    if (known === undefined) bins[bin] = { count: 1, sum }
    else {
      known.count += 1
      known.sum += sum
    }
  }

  *from(modelId: string, fromHour: number): Generator<RollupFact> {
    for (const [hour, measures] of this.#hours) {
      if (hour < fromHour) continue
      for (const [measure, bins] of measures) {
        for (const [bin, known] of bins.entries()) {
          if (known !== undefined) yield { modelId, hour, measure, bin, count: known.count, sum: known.sum }
        }
      }
    }
  }

  /** Forgets sums of hours that ended by `before`, at most `max`; answers how many. */
  purge(before: number, hourMs: number, max: number): number {
    let removed = 0
    for (const [hour, measures] of this.#hours) {
      if (hour + hourMs > before) continue
      for (const [measure, bins] of measures) {
        while (bins.length > 0) {
          if (removed === max) return removed
          if (bins.pop() !== undefined) removed += 1
        }
        measures.delete(measure)
      }
      this.#hours.delete(hour)
      if (hour === this.#latest) this.#latest = Number.NaN
    }
    return removed
  }

  #binsOf(hour: number, measure: Measure): (Sum | undefined)[] {
    if (hour !== this.#latest) {
      this.#latestHour = this.#hours.get(hour) ?? new Map()
      this.#hours.set(hour, this.#latestHour)
      this.#latest = hour
    }
    let bins = this.#latestHour.get(measure)
    if (bins === undefined) {
      bins = []
      this.#latestHour.set(measure, bins)
    }
    return bins
  }
}
