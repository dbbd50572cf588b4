import { type DemoOptions, readOptions, USAGE } from './options.js'
import { PROMPTS, readPrompts } from './prompts.js'
import { writeSheet } from './sheet.js'
import { startShow } from './show.js'
import { isSound, printSummary, summarise } from './summary.js'
import { runTrace } from './trace-command.js'
import { UsageError } from './usage-error.js'
import { watch } from './view.js'

async function runShow({ prompts, count, seed, out }: DemoOptions): Promise<boolean> {
  const texts = prompts === undefined ? PROMPTS : readPrompts(prompts)
  console.log('Pictures are drawn by rules from the words of the prompts; no AI model, no key, no network.\n')
  const show = await startShow(texts, count, seed, out)
  const stop = watch(show, process.stdout)
  await show.over
  await stop()
  const summary = await summarise(show)
  const sheet = writeSheet(out, show.record.all(), summary)
  await show.close()
  printSummary(summary, sheet)
  return isSound(summary)
}

async function main(): Promise<number> {
  try {
    const options = readOptions(process.argv.slice(2))
    if (options.help) {
      console.log(USAGE)
      return 0
    }
    const sound =
      options.trace === undefined ? await runShow(options) : await runTrace(options.trace, options.speed)
    return sound ? 0 : 1
  } catch (error) {
    if (!(error instanceof UsageError)) throw error
    console.error(`demo: ${error.message}`)
    return 2
  }
}

// The worker that died still waits for answers that never come; nothing else is left to do.
process.exit(await main())
