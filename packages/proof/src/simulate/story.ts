import type { Subject, Violation } from './observer/violation.js'
import type { Line } from './world/timeline.js'

/** Lines printed at most: of what it is about, and the last of all whatever they are about. */
const ABOUT_MAX = 50
const LAST = 8

/** What a reader needs of a timeline: the lines about the broken law's subject, and the last ones before it broke. */
export function storyOf(lines: readonly Line[], violation: Violation): string[] {
  const patterns = patternsOf(lines, violation)
  const matters = ({ text }: Line) => patterns.some((pattern) => pattern.test(text))
  const from = lines.length - LAST
  const chosen = lines.map((line, i) => i >= from || matters(line))
  const shown = new Set<number>()
  for (let i = lines.length - 1; i >= 0 && shown.size < ABOUT_MAX + LAST; i--) if (chosen[i]) shown.add(i)
  const story: string[] = []
  let skipped = 0
  for (const [i, line] of lines.entries()) {
    if (!shown.has(i)) {
      skipped += 1
      continue
    }
    if (skipped > 0)
      story.push(`${''.padEnd(22)}... ${skipped} ${skipped === 1 ? 'line' : 'lines'} about others`)
    skipped = 0
    story.push(inColumns({ ...line, text: shortened(line.text, patterns) }))
  }
  return story
}

export const inColumns = ({ step, at, who, text }: Line): string =>
  `${String(step).padStart(6)} ${(at / 1_000).toFixed(3).padStart(9)} s  ${who.padEnd(9)} ${text}`

/** Of a large batch only the items that matter. */
function shortened(text: string, patterns: readonly RegExp[]): string {
  const items = text.split('; ')
  const kept = items.filter((item, i) => i === 0 || patterns.some((pattern) => pattern.test(item)))
  const left = items.length - kept.length
  return left === 0 ? text : `${kept.join('; ')}; and ${left} more`
}

/** What to look for: the generation; where a law is about a model or a user, all generations of it. */
function patternsOf(lines: readonly Line[], { law, subject }: Violation): RegExp[] {
  const escaped = (word: string) => word.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
  return [...wordsOf(lines, law, subject)].map((word) => new RegExp(`${escaped(word)}(?![\\w.-])`))
}

function wordsOf(lines: readonly Line[], law: Violation['law'], subject: Subject): Set<string> {
  const { queueId, modelId, userId } = subject
  const words = new Set<string>()
  if (queueId !== undefined) words.add(`#${queueId}`)
  const wide = law === 3 ? userId : law === 1 || law === 2 || queueId === undefined ? modelId : undefined
  const whole = wide ?? (queueId === undefined ? userId : undefined)
  if (whole === undefined) return words
  words.add(whole)
  for (const { text } of lines) {
    if (!text.startsWith('admit ')) continue
    for (const item of text.split('; ')) {
      const id = / -> (#\d+)/.exec(item)?.[1]
      const named = item.includes(`of ${whole} for`) || item.includes(`for ${whole},`)
      if (id !== undefined && named) words.add(id)
    }
  }
  return words
}
