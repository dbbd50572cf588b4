import { writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { machineOf } from './chaos/report.js'
import { stoppable } from './chaos/stoppable.js'
import { contenderOf } from './scoreboard/contenders.js'
import { readOptions, type ScoreboardOptions, USAGE } from './scoreboard/options.js'
import { pageOf } from './scoreboard/page.js'
import { type Row, runAll } from './scoreboard/run.js'

/** `npm run scoreboard`: see USAGE. Exit 1 when genqueue itself starts over the cap, loses or doubles; 2 for wrong options. */
const PAGE = fileURLToPath(new URL('../../../docs/scoreboard.md', import.meta.url))

async function measure({ plan, contenders, out }: ScoreboardOptions, signal: AbortSignal): Promise<number> {
  const date = new Date().toISOString().slice(0, 10)
  const machine = machineOf()
  console.log(machine)
  const progress = (line: string) => console.log(line)
  const rows = await runAll({ contenders, plan, signal, progress })
  const page = pageOf(rows, { plan, date, machine })
  if (out !== null) writeFileSync(out, page)
  console.log(`\n${out === null ? page : `written: ${out}`}`)
  return rows.every(isKept) ? 0 : 1
}

/** Whether a row breaks nothing that genqueue promises; peers promise other things. */
function isKept({ contender, figures }: Row): boolean {
  if (!contenderOf(contender).ours) return true
  if (typeof figures === 'string') return false
  const rounds = [figures.drain, ...figures.kills]
  return rounds.every(({ startsOverCap, lost, doneTwice }) => startsOverCap + lost + doneTwice === 0)
}

const options = readOptions(process.argv.slice(2), PAGE)
if (options === 'help') {
  console.log(USAGE)
} else if (typeof options === 'string') {
  console.error(`scoreboard: ${options}\n\n${USAGE}`)
  process.exitCode = 2
} else {
  await stoppable((signal) => measure(options, signal))
}
