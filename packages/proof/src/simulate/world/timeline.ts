import { createHash } from 'node:crypto'

/** One thing that happened. */
export interface Line {
  readonly step: number
  /** Since the beginning of the run, virtual milliseconds. */
  readonly at: number
  readonly who: string
  readonly text: string
}

/** Lines kept of a run; those before the last so many are counted and hashed only. */
const LINES_MAX = 20_000

/** What happened in a run, in order, and a hash that tells two runs apart. */
export class Timeline {
  readonly lines: Line[] = []
  readonly #hash = createHash('sha256')

  add(line: Line): void {
    this.#hash.update(`${line.step} ${line.at} ${line.who} ${line.text}\n`)
    this.lines.push(line)
    if (this.lines.length > LINES_MAX) this.lines.splice(0, LINES_MAX / 2)
  }

  /** Sixteen hex digits; the same for the same run. */
  hash(): string {
    return this.#hash.copy().digest('hex').slice(0, 16)
  }
}
