import { ADAPTER_MUTANTS, type AdapterMutant } from './adapters.js'
import { type BrokenAdapter, brokenAdapter } from './broken-adapters.js'
import { type CheckOptions, conformance, modelled, simulated, simulatedMutant } from './checks.js'
import { MUTANTS } from './mutants.js'

/** Enough for the rarest of them; most are met in the first run. */
export const SEARCH: CheckOptions = { seeds: 300, steps: 2_000 }
export const ADAPTER_SEARCH: CheckOptions = { seeds: 20, steps: 600 }

/** Whose Lua or SQL is broken. */
export const ADAPTERS = ['redis', 'postgres', 'sqlite'] as const

const CELL_MAX = 60
const NOTHING = '-'

/** Breaks everything there is to break, one after the other; answers the exit code: 1 when one went unnoticed. */
export async function printMutations(): Promise<number> {
  row('break', 'simulator', 'conformance suite', 'model test')
  row('-----', '---------', '-----------------', '----------')
  const missed: string[] = []
  for (const mutant of MUTANTS) {
    const found = [await simulatedMutant(mutant, SEARCH), await conformance(mutant), await modelled(mutant)]
    if (found.every((finding) => finding === null)) missed.push(mutant.name)
    row(mutant.name, ...found)
  }
  for (const adapter of ADAPTERS) {
    const grounds = await brokenAdapter(adapter)
    try {
      for (const mutant of ADAPTER_MUTANTS.filter((one) => one.adapter === adapter)) {
        const found = await simulatedAdapter(grounds, mutant)
        if (found === null) missed.push(mutant.name)
        row(mutant.name, found, '', '')
      }
    } finally {
      await grounds.destroy()
    }
  }
  const all = MUTANTS.length + ADAPTER_MUTANTS.length
  console.log(`\n${all - missed.length} of ${all} breaks were noticed`)
  for (const name of missed) console.log(`UNNOTICED: ${name}`)
  return missed.length === 0 ? 0 : 1
}

/** A break that is never met is a mistake of ours, not a success. */
export async function simulatedAdapter(
  grounds: BrokenAdapter,
  mutant: AdapterMutant,
): Promise<string | null> {
  grounds.breakBy(mutant)
  const found = await simulated(grounds, ADAPTER_SEARCH, { seed: mutant.seed })
  if (!grounds.met())
    throw new Error(`${mutant.name}: "${mutant.find}" stands nowhere in the adapter any more`)
  return found
}

function row(name: string, ...cells: readonly (string | null)[]): void {
  const shown = cells.map((cell) => (cell ?? NOTHING).slice(0, CELL_MAX))
  console.log(
    `| ${[name.padEnd(42), ...shown.map((cell, i) => cell.padEnd(i === 0 ? 34 : CELL_MAX))].join(' | ')} |`,
  )
}
