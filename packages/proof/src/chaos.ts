import { writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { readOptions, USAGE } from './chaos/options.js'
import { machineOf, printVerdicts } from './chaos/report.js'
import { runChaos } from './chaos/run.js'
import { STORAGES } from './chaos/storages.js'
import type { Verdict } from './chaos/verdict.js'

/** `npm run chaos`: see USAGE. Exit 1 when the books of a storage do not match, 2 for wrong options. */
const LEASE_MS = 12_000

const options = readOptions(process.argv.slice(2), join(tmpdir(), 'chaos-report.json'))
if (options === 'help') {
  console.log(USAGE)
} else if (typeof options === 'string') {
  console.error(`chaos: ${options}\n\n${USAGE}`)
  process.exitCode = 2
} else {
  const { minutes, storages, seed, report } = options
  console.log(`seed ${seed}, ${minutes} minutes of faults over ${storages.join(', ')}; ${machineOf()}`)
  const stop = new AbortController()
  for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, () => stop.abort(new Error(name)))
  const verdicts: Verdict[] = []
  for (const storage of storages) {
    console.log(`\n${STORAGES[storage].label}`)
    const chaosMs = (minutes * 60_000) / storages.length
    const progress = (line: string) => console.log(`  ${line}`)
    verdicts.push(
      await runChaos({ storage, seed, chaosMs, leaseMs: LEASE_MS, signal: stop.signal, progress }),
    )
    writeFileSync(report, `${JSON.stringify({ seed, minutes, machine: machineOf(), verdicts }, null, 2)}\n`)
  }
  printVerdicts(verdicts)
  console.log(`figures: ${report}`)
  process.exitCode = verdicts.every(({ breaches }) => breaches.length === 0) ? 0 : 1
}
