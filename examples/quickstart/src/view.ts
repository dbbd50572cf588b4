import type { StatsReport } from '@genqueue/core'
import { DEMO_MODELS } from './provider.js'
import type { Show } from './show.js'

const FRAME_MS = 125
const PLAIN_EVERY_MS = 2_000
const NEWS_SHOWN = 6
const BAR = 10

/** Shows the run while it runs: redrawn in place on a terminal, plain lines elsewhere. Answers how to stop. */
export function watch(show: Show, out: NodeJS.WriteStream): () => Promise<void> {
  const live = out.isTTY === true && process.env.TERM !== 'dumb'
  const view = live ? liveView(show, out) : plainView(show, out)
  let drawing = Promise.resolve()
  const draw = () => {
    drawing = drawing.then(async () => view(await show.queue.stats()))
    return drawing
  }
  const timer = setInterval(() => void draw(), live ? FRAME_MS : PLAIN_EVERY_MS)
  return async () => {
    clearInterval(timer)
    await draw()
  }
}

function plainView(show: Show, out: NodeJS.WriteStream) {
  const startedAt = Date.now()
  let told = 0
  return (stats: StatsReport) => {
    for (; told < show.record.news.length; told++) out.write(`  ${show.record.news[told]}\n`)
    const models = stats.models.map(
      (m) => `${m.modelId} ${m.active}/${m.maxConcurrent} +${m.waiting + m.delayed} ~${m.estimatedWait}s`,
    )
    const time = ((Date.now() - startedAt) / 1_000).toFixed(0).padStart(3)
    out.write(
      `${time} s  asked ${show.asked}/${show.of}  queued ${stats.queued}  running ${stats.processing}  done ${stats.completed}  | ${models.join(' | ')}\n`,
    )
  }
}

function liveView(show: Show, out: NodeJS.WriteStream) {
  const paint = painter(process.env.NO_COLOR === undefined)
  let height = 0
  return (stats: StatsReport) => {
    const width = Math.max(60, out.columns || 80)
    const lines = [
      `${paint('bold', 'genqueue')}  asked ${show.asked}/${show.of}   queued ${paint('yellow', stats.queued)}   running ${paint('cyan', stats.processing)}   done ${paint('green', stats.completed)}   failed ${stats.failed}   cancelled ${stats.cancelled}`,
      '',
      ...DEMO_MODELS.map(({ modelId }) => modelLine(show, stats, modelId, paint)),
      '',
      ...show.record.news.slice(-NEWS_SHOWN).map((news) => paint('dim', `  ${news}`.slice(0, width - 1))),
    ]
    // Up to where the last frame began, each line cleared as it is written, what is below it too.
    const up = height > 0 ? `\x1b[${height}A` : ''
    out.write(`${up}${lines.map((line) => `\x1b[2K${line}\n`).join('')}\x1b[0J`)
    height = lines.length
  }
}

type Paint = (style: keyof typeof STYLES, text: string | number) => string
const STYLES = { bold: 1, dim: 2, red: 31, green: 32, yellow: 33, cyan: 36 } as const
const painter =
  (colours: boolean): Paint =>
  (style, text) =>
    colours ? `\x1b[${STYLES[style]}m${text}\x1b[0m` : String(text)

function modelLine(show: Show, stats: StatsReport, modelId: string, paint: Paint): string {
  const model = stats.models.find((m) => m.modelId === modelId)
  if (model === undefined) return modelId
  const running = show.record.all().filter((seen) => seen.modelId === modelId && seen.status === 'processing')
  const slots = Array.from({ length: model.maxConcurrent }, (_, slot) => {
    const seen = running[slot]
    const filled = seen === undefined ? 0 : Math.round(seen.progress * BAR)
    return seen === undefined
      ? paint('dim', '·'.repeat(BAR))
      : `${paint('cyan', '█'.repeat(filled))}${'░'.repeat(BAR - filled)}`
  })
  const waiting = model.waiting + model.delayed
  const wait = waiting === 0 ? '' : paint('yellow', `  ${waiting} waiting, about ${model.estimatedWait} s`)
  return `  ${modelId.padEnd(20)} ${model.active}/${model.maxConcurrent}  ${slots.join(' ')}${wait}`
}
