import { type Column, columnsOf, OVER } from './columns.js'
import { CONTENDER_NAMES, contenderOf } from './contenders.js'
import type { Plan } from './plan.js'
import type { Figures, Row } from './run.js'
import { packageVersion } from './versions.js'

export interface Circumstances {
  readonly plan: Plan
  readonly date: string
  readonly machine: string
}

type Measured = Row & { readonly figures: Figures }
const isMeasured = (row: Row): row is Measured => typeof row.figures !== 'string'

/** The page that people read, as Markdown. */
export function pageOf(rows: readonly Row[], { plan, date, machine }: Circumstances): string {
  const columns = columnsOf(plan)
  const measured = rows.filter(isMeasured)
  return `# Scoreboard

A job queue that must hold a cap over several processes, drain fast under it, and give slots back when a process dies: the
same harness does the same to genqueue on each storage and to its peers, and counts from outside by when handlers begin
and end. Written by \`npm run scoreboard\` on ${date}; ${machine}. Timings of one run on a shared machine move by a
tenth or two, and speeds by more; counts do not.

${tableOf(columns, rows)}

Bold is the best of its column.${OVER} was reached by running more at once than the cap allows, and is compared with nothing.

${columns.map(({ head, legend }) => `- **${head}**: ${legend}`).join('\n')}

The cap is ${plan.cap} over ${plan.processes} processes, each of which would run ${plan.perProcess} jobs at once. Every contender has a server of its own
that is started for it: Redis with an append-only file that is synced before it answers, PostgreSQL and MariaDB as they
come. An add is not the same work everywhere: genqueue also reserves the user's tickets, and ends by capturing them.

## Where peers are ahead

Each beside genqueue on the same kind of server.

${aheadOf(columns, measured)}

Peers also do what genqueue does not: repeated and cron jobs, flows of jobs that wait for one another, rates per second.
\`npm run bench\` measures speed more closely, several rounds in one process.

## How each is set up

${rows.map(({ contender }) => `- **${contenderOf(contender).label}**: ${contenderOf(contender).setUp}`).join('\n')}

## Versions

${versionsOf(measured)}
`
}

function tableOf(columns: readonly Column[], rows: readonly Row[]): string {
  const measured = rows.filter(isMeasured)
  const best = columns.map((column) => bestOf(column, measured))
  const lines = rows.map((row) => {
    const label = contenderOf(row.contender).label
    if (!isMeasured(row)) return [label, `not measured: ${inOneLine(row.figures as string)}`]
    const { figures } = row
    const cells = columns.map((column, index) => {
      const cell = column.cell(figures)
      return best[index] !== null && column.value(figures) === best[index] ? `**${cell}**` : cell
    })
    return [label, ...cells]
  })
  const heads = ['', ...columns.map(({ head }) => head)]
  const all = [heads, ['---', ...columns.map(() => '---:')], ...lines]
  return all.map((cells) => `| ${heads.map((_, i) => cells[i] ?? '').join(' | ')} |`).join('\n')
}

const REASON_CHARS = 200
const inOneLine = (text: string) => text.replaceAll(/[\s|]+/g, ' ').slice(0, REASON_CHARS)

/** Null where all are the same, or there is nothing to compare. */
function bestOf({ value, better }: Column, rows: readonly Measured[]): number | null {
  const values = rows.flatMap(({ figures }) => value(figures) ?? [])
  const [least, most] = [Math.min(...values), Math.max(...values)]
  if (values.length === 0 || least === most) return null
  return better === 'low' ? least : most
}

/** Less is noise. */
const AHEAD_SHARE = 0.05

/** Each peer beside genqueue on the same kind of server. */
function aheadOf(columns: readonly Column[], rows: readonly Measured[]): string {
  const ours = rows.filter(({ contender }) => contenderOf(contender).ours)
  const lines = rows.flatMap((peer) => {
    const { ours: isOurs, storage, label } = contenderOf(peer.contender)
    const own = ours.find(({ contender }) => contenderOf(contender).storage === storage)
    if (isOurs || own === undefined) return []
    const ahead = columns
      .filter((column) => isAhead(column, peer.figures, own.figures))
      .map(({ head, cell }) => `${head} ${cell(peer.figures)} beside ${cell(own.figures)}`)
    return ahead.length === 0 ? [] : [`- ${label}: ${ahead.join(', ')}.`]
  })
  return lines.length === 0 ? 'Nowhere in this table.' : lines.join('\n')
}

function isAhead({ value, better }: Column, peer: Figures, own: Figures): boolean {
  const [theirs, mine] = [value(peer), value(own)]
  if (theirs === null || mine === null) return false
  return better === 'low' ? theirs < mine * (1 - AHEAD_SHARE) : theirs > mine * (1 + AHEAD_SHARE)
}

function versionsOf(rows: readonly Measured[]): string {
  const ordered = CONTENDER_NAMES.flatMap((name) => rows.find(({ contender }) => contender === name) ?? [])
  return ordered
    .map(({ contender, figures }) => {
      const { label, ours, packages } = contenderOf(contender)
      const own = ours ? ['@genqueue/core', ...packages] : packages
      const parts = [...own.map(packageVersion), figures.server, `node ${figures.node.replace('v', '')}`]
      return `- ${label}: ${parts.filter((part) => part !== null).join(', ')}`
    })
    .join('\n')
}
