import { type ChildProcess, spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('../../../../', import.meta.url))

export interface Sighting {
  readonly process: number
  readonly what: 'begin' | 'end'
  readonly queueId: number
  readonly at: number
}

/** Worker processes, and what an observer outside the library saw them do. */
export class WorkerFleet {
  readonly sightings: Sighting[] = []
  readonly #children: ChildProcess[] = []
  readonly #ready: Promise<void>[] = []

  readonly #script: string

  /** `script` tells `begin QUEUE_ID EPOCH_MS` and `end QUEUE_ID EPOCH_MS`, a line each, and `ready 0 0` first. */
  constructor(script: string) {
    this.#script = script
  }

  start(...values: readonly (string | number)[]): number {
    const number = this.#children.length
    const tsx = ['node_modules/tsx/dist/cli.mjs', '--tsconfig', 'tsconfig.base.json']
    const args = [...tsx, this.#script, ...values.map(String)]
    // Its own process group: tsx runs the script in a child of its own, and both must die at once.
    const child = spawn(process.execPath, args, {
      cwd: root,
      stdio: ['ignore', 'pipe', 'inherit'],
      detached: true,
    })
    this.#children.push(child)
    const lines = createInterface({ input: child.stdout as NodeJS.ReadableStream })
    this.#ready.push(
      new Promise((resolve) => {
        lines.on('line', (line) => {
          const [what, queueId, at] = line.split(' ') as [string, string, string]
          if (what === 'ready') resolve()
          else
            this.sightings.push({
              process: number,
              what: what as 'begin',
              queueId: Number(queueId),
              at: Number(at),
            })
        })
      }),
    )
    return number
  }

  ready(): Promise<unknown> {
    return Promise.all(this.#ready)
  }

  /** As the kernel or a power cut would. */
  kill(number: number): void {
    const pid = this.#children[number]?.pid
    if (pid !== undefined) process.kill(-pid, 'SIGKILL')
  }

  killAll(): void {
    for (const number of this.#children.keys()) {
      try {
        this.kill(number)
      } catch {
        // Already dead.
      }
    }
  }
}

/** The most handlers that ran at one moment, and how many began while the cap was already reached. */
export function overlap(sightings: readonly Sighting[], cap: number): { most: number; over: number } {
  const order = [...sightings].sort((a, b) => a.at - b.at || (a.what === 'end' ? -1 : 1))
  let [running, most, over] = [0, 0, 0]
  for (const { what } of order) {
    if (what === 'begin' && running >= cap) over += 1
    running += what === 'begin' ? 1 : -1
    most = Math.max(most, running)
  }
  return { most, over }
}
