import { writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type ChaosOptions, readOptions, USAGE } from './chaos/options.js'
import { machineOf, printVerdicts } from './chaos/report.js'
import { runChaos } from './chaos/run.js'
import { stoppable } from './chaos/stoppable.js'
import { STORAGES } from './chaos/storages.js'
import type { Verdict } from './chaos/verdict.js'

/** `npm run chaos`: see USAGE. Exit 1 when the books of a storage do not match, 2 for wrong options. */
const LEASE_MS = 12_000

async function unleash(
  { minutes, storages, seed, report }: ChaosOptions,
  signal: AbortSignal,
): Promise<number> {
  console.log(`seed ${seed}, ${minutes} minutes of faults over ${storages.join(', ')}; ${machineOf()}`)
  const chaosMs = (minutes * 60_000) / storages.length
  const progress = (line: string) => console.log(`  ${line}`)
  const verdicts: Verdict[] = []
  for (const storage of storages) {
    console.log(`\n${STORAGES[storage].label}`)
    verdicts.push(await runChaos({ storage, seed, chaosMs, leaseMs: LEASE_MS, signal, progress }))
    writeFileSync(report, `${JSON.stringify({ seed, minutes, machine: machineOf(), verdicts }, null, 2)}\n`)
  }
  printVerdicts(verdicts)
  console.log(`figures: ${report}`)
  return verdicts.every(({ breaches }) => breaches.length === 0) ? 0 : 1
}

const options = readOptions(process.argv.slice(2), join(tmpdir(), 'chaos-report.json'))
if (options === 'help') {
  console.log(USAGE)
} else if (typeof options === 'string') {
  console.error(`chaos: ${options}\n\n${USAGE}`)
  process.exitCode = 2
} else {
  await stoppable((signal) => unleash(options, signal))
}
