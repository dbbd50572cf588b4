import { printMutations } from './simulate/mutations/table.js'
import { readOptions, type SimulateOptions, USAGE } from './simulate/options.js'
import { printFailure, printTotals } from './simulate/report.js'
import { groundsOf, paceOf, runSeeds } from './simulate/run.js'
import { shrink } from './simulate/shrink.js'
import { inColumns } from './simulate/story.js'

/** `npm run simulate`: see USAGE. Exit 1 when a law is broken or a break goes unnoticed, 2 for wrong options. */
const PROGRESS_MS = 5_000

async function simulate(options: SimulateOptions): Promise<number> {
  const { seed, steps, storage } = options
  console.log(`${storage}: from seed ${seed} on, ${steps} steps each`)
  const grounds = await groundsOf(storage)
  let toldAt = performance.now()
  try {
    const { totals, last, failure } = await runSeeds(grounds, options, (so) => {
      if (performance.now() - toldAt < PROGRESS_MS) return
      toldAt = performance.now()
      console.log(`  ${so.progress()}`)
    })
    if (options.timeline) for (const line of last?.lines ?? []) console.log(inColumns(line))
    if (failure === null) {
      printTotals(totals)
      if (totals.seeds === 1) console.log(`hash of the run ${last?.hash}`)
      return 0
    }
    console.log(
      `seed ${failure.options.seed} broke a law after ${totals.progress()}; looking for a shorter story`,
    )
    const least = options.timeline ? failure : await shrink(grounds, failure, paceOf(storage).shrink)
    printFailure(least, options)
    return 1
  } finally {
    await grounds.destroy()
  }
}

const options = readOptions(process.argv.slice(2), Date.now() % 1_000_000_000)
if (options === 'help') {
  console.log(USAGE)
} else if (typeof options === 'string') {
  console.error(`simulate: ${options}\n\n${USAGE}`)
  process.exitCode = 2
} else {
  process.exitCode = options.mutations ? await printMutations() : await simulate(options)
}
