import { parseArgs } from 'node:util'
import { CONTENDER_NAMES, CONTENDERS, type ContenderName } from './contenders.js'
import { type Plan, QUICK, WHOLE } from './plan.js'

export interface ScoreboardOptions {
  readonly plan: Plan
  readonly contenders: readonly ContenderName[]
  /** Where the page goes; null: it is only printed. */
  readonly out: string | null
}

const names = CONTENDER_NAMES.map((name) => `  ${name.padEnd(16)} ${CONTENDERS[name].label}`).join('\n')

export const USAGE = `Usage: npm run scoreboard [-- --quick] [-- --only NAME,NAME] [-- --out FILE]

Measures genqueue on each storage and its peers by the same work, from outside, each on a server that is started for it,
and writes docs/scoreboard.md. Takes about 20 minutes; peers that do not give a dead holder's slots back take longest.

  --quick  smaller sizes, about 8 minutes; printed, not written
  --only   some of the contenders; printed, not written
  --out    write the page to this file, whatever else is asked for

Contenders:
${names}
`

/** The options, or a sentence about what is wrong with them. */
export function readOptions(args: readonly string[], page: string): ScoreboardOptions | string | 'help' {
  const flags = read(args)
  if (typeof flags === 'string') return flags
  if (flags.help) return 'help'
  const named = flags.only?.split(',') ?? CONTENDER_NAMES
  const contenders = CONTENDER_NAMES.filter((name) => named.includes(name))
  const unknown = named.find((name) => !Object.hasOwn(CONTENDERS, name))
  if (unknown !== undefined) {
    return `there is no contender "${unknown}"; name some of ${CONTENDER_NAMES.join(', ')}`
  }
  const isWhole = !flags.quick && flags.only === undefined
  return { plan: flags.quick ? QUICK : WHOLE, contenders, out: flags.out ?? (isWhole ? page : null) }
}

function read(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        quick: { type: 'boolean', default: false },
        only: { type: 'string' },
        out: { type: 'string' },
        help: { type: 'boolean', default: false },
      },
    }).values
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}
