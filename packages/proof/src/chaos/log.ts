import { closeSync, openSync, readdirSync, readSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { monotonicMs } from './time.js'

/** How a handler ended: `refused` is a failure that must not be tried again, `aborted` was told to stop. */
export type HowEnded = 'made' | 'failed' | 'refused' | 'aborted'

/** What the processes tell the observer, a line each, before and after they do it. */
export type Event =
  | { readonly what: 'up' }
  /** A handler begins; `leaseUntil` is when its slot may be given to another unless it is renewed. */
  | {
      readonly what: 'begin'
      readonly queueId: number
      readonly modelId: string
      readonly attempt: number
      readonly leaseUntil: number
    }
  | {
      readonly what: 'end'
      readonly queueId: number
      readonly attempt: number
      readonly how: HowEnded
      readonly used: number
    }
  /** What the worker was told of the settle. */
  | {
      readonly what: 'told'
      readonly queueId: number
      readonly attempt: number
      readonly end: string
    }
  /** A request is about to be sent (also again, under the same key), then its answer. */
  | {
      readonly what: 'want'
      readonly key: string
      readonly userId: string
      readonly modelId: string
      readonly cost: number
    }
  /** `again`: it was there before, so an earlier request did it and its answer was lost, or was asked for twice. */
  | { readonly what: 'got'; readonly key: string; readonly queueId: number; readonly again: boolean }
  | { readonly what: 'denied'; readonly key: string; readonly code: string }
  | { readonly what: 'cancel'; readonly queueId: number }
  | { readonly what: 'cancelled'; readonly queueId: number; readonly code: string | null }
  | { readonly what: 'grant'; readonly id: string; readonly userId: string; readonly amount: number }
  | { readonly what: 'granted'; readonly id: string }
  /** What was done to a process or to the server. */
  | { readonly what: 'killed' | 'stopped' | 'resumed'; readonly victim: string }
  /** It was started at `since` and ended by itself, with this on stderr; `wasUp`: after it had been at work. */
  | {
      readonly what: 'crashed'
      readonly victim: string
      readonly since: number
      readonly wasUp: boolean
      readonly complaint: string
    }
  | {
      readonly what: 'server'
      readonly state: 'down' | 'up'
    }
  | { readonly what: 'cut' | 'swallowed' | 'starved' }

/** An event with its author and its time on the monotonic clock. */
export type Entry = Event & { readonly who: string; readonly at: number }

/** Beside the files of the run's server. */
export const LOG_FOLDER = 'log'

export type Say = (event: Event) => void

/**
 * One file a process, written with plain synchronous writes: what was written before a SIGKILL is in the kernel and
 * cannot be lost with the process.
 */
export function openLog(folder: string, who: string): Say {
  const file = openSync(join(folder, `${who}.jsonl`), 'a')
  return (event) => {
    writeSync(file, `${JSON.stringify({ at: monotonicMs(), who, ...event })}\n`)
  }
}

const READ_BYTES = 1 << 20

/** Reads what came since the last look, of every file in a folder. */
export class LogReader {
  readonly #folder: string
  readonly #seen = new Map<string, { offset: number; rest: string }>()
  readonly #buffer = Buffer.alloc(READ_BYTES)

  constructor(folder: string) {
    this.#folder = folder
  }

  read(): Entry[] {
    const entries: Entry[] = []
    for (const name of readdirSync(this.#folder)) {
      if (name.endsWith('.jsonl')) this.#readFile(name, entries)
    }
    return entries
  }

  #readFile(name: string, entries: Entry[]): void {
    const seen = this.#seen.get(name) ?? { offset: 0, rest: '' }
    const file = openSync(join(this.#folder, name), 'r')
    try {
      for (;;) {
        const bytes = readSync(file, this.#buffer, 0, READ_BYTES, seen.offset)
        if (bytes === 0) break
        seen.offset += bytes
        // Lines are ASCII: nothing is torn inside a letter.
        const lines = (seen.rest + this.#buffer.toString('latin1', 0, bytes)).split('\n')
        seen.rest = lines.pop() as string
        for (const line of lines) entries.push(JSON.parse(line) as Entry)
      }
    } finally {
      closeSync(file)
    }
    this.#seen.set(name, seen)
  }
}
