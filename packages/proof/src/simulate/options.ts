import { parseArgs } from 'node:util'
import { STORAGE_NAMES, type StorageName } from '../chaos/storages.js'
import { FEATURES, type Feature } from './features.js'

export type SimulatedStorage = 'memory' | StorageName
const SIMULATED: readonly SimulatedStorage[] = ['memory', ...STORAGE_NAMES]

export interface SimulateOptions {
  readonly seed: number
  readonly seeds: number
  readonly steps: number
  readonly storage: SimulatedStorage
  /** Null: as many seeds as were asked for, however long they take. */
  readonly minutes: number | null
  readonly without: readonly Feature[]
  readonly timeline: boolean
  readonly mutations: boolean
}

export const USAGE = `Usage: npm run simulate -- [--storage ${SIMULATED.join('|')}] [--seed N] [--seeds K] [--steps M] [--minutes T]
       npm run simulate -- --mutations

Several processes of an app, their users, workers and an operator in virtual time over one storage. The seed chooses who
acts, whose call comes first and what goes wrong; an observer with books of its own judges every answer. The same seed on
the same storage is the same run. Exit 1 when a law is broken, with the shortest story that was found.

  --storage    default memory; the others need their server's program, and get a server of their own
  --seed       the first seed; default: a new one
  --seeds      how many seeds, one after the other; default 1 when --seed is given, else 100
  --steps      storage calls and scheduled events of a run before its faults stop; default 2000
  --minutes    goes on with the next seeds for so long
  --without    leaves out some of these, with commas between them:
               ${wrapped(FEATURES)}
  --timeline   prints everything that happened (of one seed)
  --mutations  breaks rules and storages on purpose and tells which check notices, and when
`

function wrapped(words: readonly string[]): string {
  const lines = ['']
  for (const word of words) {
    const line = lines[lines.length - 1] as string
    if (line.length + word.length > 90) lines.push(word)
    else lines[lines.length - 1] = line === '' ? word : `${line}, ${word}`
  }
  return lines.join(',\n               ')
}

const SEEDS_MAX = 100_000_000
const STEPS_MAX = 1_000_000
const MINUTES_MAX = 7 * 24 * 60
const FRESH_SEEDS = 100

const whole = (value: string, least: number, most: number): number | null => {
  const number = Number(value)
  return Number.isInteger(number) && number >= least && number <= most ? number : null
}

/** The options, or a sentence about what is wrong with them. */
export function readOptions(args: readonly string[], freshSeed: number): SimulateOptions | string | 'help' {
  const flags = read(args)
  if (typeof flags === 'string') return flags
  if (flags.help) return 'help'
  const seed = flags.seed === undefined ? freshSeed : whole(flags.seed, 0, 2 ** 32 - 1)
  if (seed === null) return '--seed must be a whole number from 0 to 4294967295'
  const usual = flags.seed === undefined ? FRESH_SEEDS : 1
  const seeds = whole(flags.seeds ?? String(usual), 1, SEEDS_MAX)
  if (seeds === null) return `--seeds must be a whole number from 1 to ${SEEDS_MAX}`
  const steps = whole(flags.steps, 1, STEPS_MAX)
  if (steps === null) return `--steps must be a whole number from 1 to ${STEPS_MAX}`
  const storage = SIMULATED.find((name) => name === flags.storage)
  if (storage === undefined)
    return `there is no storage "${flags.storage}"; name one of ${SIMULATED.join(', ')}`
  const minutes = flags.minutes === undefined ? null : Number(flags.minutes)
  if (minutes !== null && !(minutes > 0 && minutes <= MINUTES_MAX)) {
    return `--minutes must be above 0 and at most ${MINUTES_MAX}`
  }
  const named = flags.without === undefined ? [] : flags.without.split(',')
  const unknown = named.find((name) => !FEATURES.includes(name as Feature))
  if (unknown !== undefined)
    return `--without ${unknown}: there is no such thing; name some of ${FEATURES.join(', ')}`
  const { timeline, mutations } = flags
  return { seed, seeds, steps, storage, minutes, without: named as Feature[], timeline, mutations }
}

function read(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        seed: { type: 'string' },
        seeds: { type: 'string' },
        steps: { type: 'string', default: '2000' },
        storage: { type: 'string', default: 'memory' },
        minutes: { type: 'string' },
        without: { type: 'string' },
        timeline: { type: 'boolean', default: false },
        mutations: { type: 'boolean', default: false },
        help: { type: 'boolean', default: false },
      },
    }).values
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}
