/**
 * Writes docs/rules.md from the rule tables, so that the page cannot say anything else than the code does.
 * `--check` writes nothing and exits 1 when the page is out of date.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { EVENT_TABLE, EVENTS, MOVES, type Move, STATUS_TABLE, STATUSES } from '../src/rules.js'

const PAGE = fileURLToPath(new URL('../../../docs/rules.md', import.meta.url))

const row = (...cells: string[]) => `| ${cells.join(' | ')} |`
const table = (head: string[], rows: string[][]) =>
  [row(...head), row(...head.map(() => '---')), ...rows.map((cells) => row(...cells))].join('\n')

const SLOT = { '-1': 'given back', '0': '', '1': 'taken' } as const
const GUARD = {
  none: 'none',
  held: 'held (a token that is given must be the current one)',
  lapsed: 'lapsed',
  overdue: 'none; its deadline has passed',
} as const
const ATTEMPT = { keep: '', count: '+1', uncount: '-1', reset: 'back to 0' } as const
const LEFT = { any: '', left: 'some left', spent: 'none left' } as const

function tickets(move: Move): string {
  if (move.reserve === 1) return 'reserved'
  if (move.reserve === 0) return 'stay reserved'
  return move.capture === 1
    ? 'captured, all unless told how many'
    : 'refunded, unless told that some were used'
}

const statusRows = STATUSES.map((status) => [
  `\`${status}\``,
  STATUS_TABLE[status].place,
  STATUS_TABLE[status].tickets,
])
const moveRows = EVENTS.flatMap((event) =>
  MOVES[event].map((move) => [
    `\`${event}\``,
    `${move.from === null ? 'new' : `\`${move.from}\``} → \`${move.to}\``,
    EVENT_TABLE[event].meaning,
    SLOT[`${move.slot}`],
    tickets(move),
    GUARD[move.guard],
    ATTEMPT[move.attempt],
    LEFT[move.attempts],
  ]),
)
const arrows = EVENTS.flatMap((event) =>
  MOVES[event].map((move) => `  ${move.from ?? '[*]'} --> ${move.to}: ${event}`),
)
const ends = STATUSES.filter((status) => STATUS_TABLE[status].place === 'done').map(
  (status) => `  ${status} --> [*]: clear`,
)

const page = `<!-- Made by packages/core/scripts/rules-doc.ts from packages/core/src/rules.ts. Edit the tables there. -->
# The rules

Two tables decide everything; slot and ticket effects are derived from the statuses that an event joins, so they
cannot contradict each other. Storages carry the moves out without knowing a status or an event by name.

## Statuses

${table(['status', 'place', 'its tickets are'], statusRows)}

## Moves

${table(['event', 'from → to', 'meaning', 'slot', 'tickets', 'lease', 'attempt', 'needs attempts'], moveRows)}

\`clear\` removes what is ${STATUSES.filter((s) => STATUS_TABLE[s].place === 'done').join(', ')}: it holds neither a slot nor tickets.

## State chart

\`\`\`mermaid
stateDiagram-v2
${[...arrows, ...ends].join('\n')}
\`\`\`
`

const current = () => {
  try {
    return readFileSync(PAGE, 'utf8')
  } catch {
    return ''
  }
}
if (!process.argv.includes('--check')) writeFileSync(PAGE, page)
else if (current() !== page) {
  console.error('docs/rules.md is out of date: run node --import tsx packages/core/scripts/rules-doc.ts')
  process.exitCode = 1
}
