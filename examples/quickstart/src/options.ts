import { parseArgs } from 'node:util'
import { UsageError } from './usage-error.js'

export interface DemoOptions {
  readonly help: boolean
  readonly prompts: string | undefined
  readonly trace: string | undefined
  /** Simulated seconds per second; 0: as fast as it goes. */
  readonly speed: number
  readonly out: string
  readonly count: number
  readonly seed: number
}

export const USAGE = `Usage: npm run demo -- [options]

Runs about 100 generations of four models through genqueue in about 20 seconds and draws a picture for each. The
pictures are drawn by rules, not by an AI model: the demo needs no key and no network.

  --prompts FILE.tsv   take the prompts from the first column of a tab-separated file
  --count N            how many generations (10 to 1000, default 100)
  --seed N             another run of luck: run times, failures and pictures (default 7)
  --out DIR            where the pictures go (default demo-output)
  --trace FILE.csv     instead, replay recorded requests in simulated time and measure the wait estimates;
                       columns arrival_s,user,model,kind,images,steps,status,run_s
  --speed N            with --trace: simulated seconds per second (default 0, as fast as it goes)
  --help               this text
`

export function readOptions(args: readonly string[]): DemoOptions {
  const values = parse(args)
  if (values.speed !== undefined && values.trace === undefined)
    throw new UsageError('--speed goes with --trace')
  return {
    help: values.help ?? false,
    prompts: values.prompts,
    trace: values.trace,
    speed: readNumber('--speed', values.speed, 0, 0, 1e9),
    out: values.out ?? 'demo-output',
    count: readNumber('--count', values.count, 100, 10, 1_000),
    seed: readNumber('--seed', values.seed, 7, 0, 2 ** 31),
  }
}

function parse(args: readonly string[]) {
  try {
    const text = { type: 'string' } as const
    return parseArgs({
      args: [...args],
      options: {
        prompts: text,
        trace: text,
        speed: text,
        out: text,
        count: text,
        seed: text,
        help: { type: 'boolean', short: 'h' },
      },
    }).values
  } catch (error) {
    throw new UsageError((error as Error).message.split('\n')[0] as string)
  }
}

function readNumber(
  name: string,
  text: string | undefined,
  fallback: number,
  low: number,
  high: number,
): number {
  if (text === undefined) return fallback
  const value = Number(text)
  if (text.trim() === '' || !Number.isInteger(value) || value < low || value > high) {
    throw new UsageError(`${name} takes a whole number from ${low} to ${high}, not "${text}"`)
  }
  return value
}
