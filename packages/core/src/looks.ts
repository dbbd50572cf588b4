import { type Alarm, createAlarm } from './alarm.js'
import type { Engine } from './engine.js'
import { GenqueueError } from './errors.js'
import type { GenerationRow } from './generation.js'
import type { Runner, RunReport } from './runner.js'
import { sleep } from './runtime.js'

/** How a worker looks for generations to run. */
export interface Looks {
  /** Something may start: looks at once, or again after the look under way. */
  ring(): void
  /** The same, because a slot is about to be free: its settle was sent. */
  ringForSettle(): void
  /** Looks until stopped. */
  run(): Promise<void>
}

interface LooksOptions {
  readonly engine: Engine
  readonly runner: Runner
  readonly concurrency: number
  readonly pollMs: number
  /** Aborted here too, when the queue closes. */
  readonly stopping: AbortController
  readonly claim: (max: number) => Promise<GenerationRow[]>
  readonly onEnd: (report: RunReport) => void
  readonly onIdle: () => void
}

/** Short beside any generation, long beside the look itself. */
const POLL_BUSY_MS = 50
const CLAIM_ERROR_PAUSE_MS = 1_000

/**
 * Over an ordered storage a claim goes out right behind the settles that free its slots, and a second one while the
 * first is under way: half of the generations is settled and replaced while the other half runs.
 */
export function createLooks(options: LooksOptions): Looks {
  const { engine, runner, concurrency, pollMs, stopping, claim, onEnd, onIdle } = options
  const { signal } = stopping
  const { clock } = engine.settings
  const { shared, listen, ordered = false, batchMax } = engine.storage.supports
  const hearsOthers = listen || !shared
  const share = ordered ? Math.min(batchMax, Math.ceil(concurrency / 2)) : concurrency
  let asked = 0
  const free = () => concurrency - asked - runner.running + (ordered ? runner.settling : 0)
  const mayLook = () => signal.aborted || free() > 0
  const alarm = createAlarm(clock, mayLook)
  const beside = createAlarm(clock, mayLook)
  let underWay = false
  let patienceMs = POLL_BUSY_MS

  const lookAsTold = async () => {
    while (!signal.aborted) {
      underWay = true
      const found = await claimAndRun(alarm)
      underWay = false
      if (found === 'all') continue
      if (found === 'nothing' && runner.running + asked === 0) onIdle()
      const busy = found === 'some' || runner.running > 0
      patienceMs = busy || hearsOthers ? POLL_BUSY_MS : Math.min(pollMs, patienceMs * 2)
      if (!signal.aborted) await alarm.wait(hearsOthers ? pollMs : Math.min(pollMs, patienceMs))
    }
  }

  /** For slots that are freed while the other look is under way. */
  const lookBeside = async () => {
    while (ordered && !signal.aborted) {
      await beside.wait(pollMs)
      if (beside.rung) await claimAndRun(beside)
      alarm.check()
    }
  }

  /** Claims what fits and starts it. */
  const claimAndRun = async (reason: Alarm): Promise<'all' | 'some' | 'nothing'> => {
    const wanted = Math.min(share, free())
    if (wanted <= 0) return 'nothing'
    reason.reset()
    asked += wanted
    const rows = await claimOrPause(wanted)
    asked -= wanted
    for (const row of rows) void runner.run(row).then(ended)
    if (rows.length === wanted) return 'all'
    return rows.length > 0 ? 'some' : 'nothing'
  }

  const claimOrPause = async (max: number): Promise<GenerationRow[]> => {
    try {
      return await claim(max)
    } catch (error) {
      if (error instanceof GenqueueError && error.code === 'CLOSED') stopping.abort()
      else {
        engine.report(error, 'claim')
        await sleep(clock, CLAIM_ERROR_PAUSE_MS, signal)
      }
      return []
    }
  }

  const ended = (report: RunReport) => {
    // A freed slot is the next claim's, whether or not anybody listens to what ended.
    alarm.ring()
    onEnd(report)
  }

  const stop = () => {
    alarm.ring()
    beside.ring()
  }
  signal.addEventListener('abort', stop, { once: true })

  return {
    ring: alarm.ring,
    ringForSettle() {
      if (ordered) (underWay ? beside : alarm).ring()
    },
    async run() {
      await Promise.all([lookAsTold(), lookBeside()])
    },
  }
}
