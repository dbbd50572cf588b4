import { LAW_NAMES } from './observer/violation.js'
import type { SimulateOptions } from './options.js'
import type { Outcome } from './play.js'
import type { Failure } from './shrink.js'
import { storyOf } from './story.js'

/** What many runs add up to. */
export class Totals {
  seeds = 0
  steps = 0
  calmSteps = 0
  virtualMs = 0
  readonly seen = new Map<string, number>()
  readonly #startedAt = performance.now()

  add(outcome: Outcome): void {
    this.seeds += 1
    this.steps += outcome.steps
    this.calmSteps += outcome.calmSteps
    this.virtualMs += outcome.virtualMs
    for (const [what, count] of outcome.seen) this.seen.set(what, (this.seen.get(what) ?? 0) + count)
  }

  get ms(): number {
    return performance.now() - this.#startedAt
  }

  /** One line for those who wait. */
  progress(): string {
    const seconds = this.ms / 1_000
    const pace = Math.round(this.steps / seconds)
    return `${this.seeds} seeds, ${this.steps} steps, ${seconds.toFixed(0)} s, ${pace} steps a second`
  }
}

const number = (value: number) => value.toLocaleString('en')

export function printTotals(totals: Totals): void {
  console.log(`\n| ${'met by these runs'.padEnd(36)} |     times |`)
  console.log(`| ${'-'.repeat(36)} | --------: |`)
  for (const [what, count] of [...totals.seen].sort(([, a], [, b]) => b - a)) {
    console.log(`| ${what.padEnd(36)} | ${number(count).padStart(9)} |`)
  }
  const { seeds, steps, calmSteps, virtualMs, ms } = totals
  const hours = (virtualMs / 3_600_000).toFixed(1)
  const took = `${(ms / 1_000).toFixed(1)} s`
  console.log(
    `\n${number(seeds)} seeds, ${number(steps)} steps and ${number(calmSteps)} to the calm end of each, ${hours} virtual hours, in ${took}: no law was broken`,
  )
}

/** How to have it again, and what happened. */
export function printFailure({ options, outcome }: Failure, { storage }: SimulateOptions): void {
  const { violation, lines } = outcome
  if (violation === null) return
  const { law, subject, message } = violation
  const number = law === 'contract' ? '' : `law ${law}, `
  const of = Object.entries(subject).flatMap(([what, id]) => (id === undefined ? [] : [`${what} ${id}`]))
  for (const line of storyOf(lines, violation)) console.log(line)
  console.log(
    `\nBROKEN: ${number}${LAW_NAMES[law]}${of.length === 0 ? '' : ` (${of.join(', ')})`}: ${message}`,
  )
  console.log(`again: ${againWith(options, storage)}`)
}

export function againWith({ seed, steps, without }: Failure['options'], storage: string): string {
  const left = without.size === 0 ? '' : ` --without ${[...without].join(',')}`
  return `npm run simulate -- --storage ${storage} --seed ${seed} --steps ${steps}${left}`
}
