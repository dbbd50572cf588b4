import { textTable } from './table.js'
import { readTrace } from './trace-file.js'
import { type ReplayProgress, replayTrace, type TraceSummary } from './trace-replay.js'

const MODELS_SHOWN = 10
const DAY_S = 86_400

/** Replays a recording and prints how honest the wait estimates were. */
export async function runTrace(path: string, speed: number): Promise<boolean> {
  const trace = readTrace(path)
  const { isTTY } = process.stdout
  console.log(`replaying ${trace.rows.length.toLocaleString('en-US')} requests in simulated time`)
  const startedAt = Date.now()
  let shown = 0
  const summary = await replayTrace(trace, async (progress) => {
    const aheadMs = speed === 0 ? 0 : ((progress.day * DAY_S) / speed) * 1_000 - (Date.now() - startedAt)
    await new Promise((resolve) => setTimeout(resolve, Math.max(0, aheadMs)))
    if (isTTY) process.stdout.write(`\x1b[2K\r${progressLine(progress)}`)
    else if (progress.done >= shown) {
      console.log(progressLine(progress))
      shown += progress.of / 5
    }
  })
  if (isTTY) process.stdout.write('\x1b[2K\r')
  printTraceSummary(summary)
  return summary.verified && summary.models.every((model) => model.peak <= model.cap)
}

const progressLine = ({ done, of, day, queued }: ReplayProgress) =>
  `  ${done} of ${of}, day ${day.toFixed(1)}, ${queued} waiting`

function printTraceSummary(summary: TraceSummary): void {
  const percent = (share: number) => `${(share * 100).toFixed(1)} %`
  const rows = summary.models
    .slice(0, MODELS_SHOWN)
    .map((m) => [m.modelId, m.requests, m.waited, `${(m.waitMsMean / 1_000).toFixed(1)} s`, m.peak, m.cap])
  console.log(`\n${textTable(['model', 'requests', 'waited', 'wait avg', 'peak', 'cap'], rows)}`)
  if (summary.models.length > MODELS_SHOWN)
    console.log(`... and ${summary.models.length - MODELS_SHOWN} models more`)
  console.log(`
requests         ${summary.requests} over ${summary.days.toFixed(1)} days; ${summary.unfinished} never ended in the recording and were left out
caps             the fewest slots at which the busiest hour keeps a model at most 80 % busy; never exceeded: ${summary.models.every((m) => m.peak <= m.cap)}
waits over 30 s  ${summary.longWaits} of ${summary.waits} waits
estimate error   median ${percent(summary.errorMedian)}, 90th percentile ${percent(summary.errorP90)}, bias ${percent(summary.bias)} of the true wait, over those
laws             ${summary.verified ? 'all hold (queue.verify)' : 'BROKEN'}`)
}
