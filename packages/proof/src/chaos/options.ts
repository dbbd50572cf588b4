import { parseArgs } from 'node:util'
import { STORAGE_NAMES, type StorageName } from './storages.js'

export interface ChaosOptions {
  readonly minutes: number
  readonly storages: readonly StorageName[]
  readonly seed: number
  readonly report: string
}

export const USAGE = `Usage: npm run chaos -- [--minutes 10] [--storages ${STORAGE_NAMES.join(',')}] [--seed N] [--report FILE]

Real processes on real servers, killed, stopped, cut off and starved at random, each storage in its turn on a server of
its own; an observer that does not use the library keeps the books. Exit 1 when they do not match.

  --minutes   of faults in all, shared evenly by the storages (each run needs about a minute more)
  --storages  some of ${STORAGE_NAMES.join(', ')}
  --seed      of the plan of faults and requests; what the machine makes of it differs from run to run
  --report    where the figures go as JSON; default chaos-report.json in the system's folder for temporary files
`

const MINUTES_MAX = 24 * 60

/** The options, or a sentence about what is wrong with them. */
export function readOptions(args: readonly string[], defaultReport: string): ChaosOptions | string | 'help' {
  const flags = read(args)
  if (typeof flags === 'string') return flags
  if (flags.help) return 'help'
  const minutes = Number(flags.minutes)
  if (!(minutes > 0 && minutes <= MINUTES_MAX)) return `--minutes must be above 0 and at most ${MINUTES_MAX}`
  const seed = flags.seed === undefined ? Date.now() % 1_000_000 : Number(flags.seed)
  if (!Number.isSafeInteger(seed) || seed < 0) return '--seed must be a whole number of 0 or more'
  const named = (flags.storages ?? STORAGE_NAMES.join(',')).split(',')
  const storages = STORAGE_NAMES.filter((name) => named.includes(name))
  const unknown = named.find((name) => !STORAGE_NAMES.includes(name as StorageName))
  if (unknown !== undefined)
    return `there is no storage "${unknown}"; name some of ${STORAGE_NAMES.join(', ')}`
  return { minutes, storages, seed, report: flags.report ?? defaultReport }
}

function read(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        minutes: { type: 'string', default: '10' },
        storages: { type: 'string' },
        seed: { type: 'string' },
        report: { type: 'string' },
        help: { type: 'boolean', default: false },
      },
    }).values
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}
