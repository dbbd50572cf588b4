import { createAlarm } from './alarm.js'
import type { AlongClaim, Claimer } from './claim-along.js'
import type { Engine } from './engine.js'
import { GenqueueError } from './errors.js'
import type { GenerationRow } from './generation.js'
import { type Asked, askedNow, isLate, stillHeld } from './late.js'
import { announceClaimed } from './process.js'
import type { RunReport } from './run.js'
import type { Runner } from './runner.js'
import { sleep } from './runtime.js'
import type { ClaimCommand } from './storage.js'

/** How a worker looks for generations to run. */
export interface Looks {
  /** Something may start: looks at once, or again after the look under way. */
  ring(): void
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
  readonly claim: (max: number) => ClaimCommand
  readonly onEnd: (report: RunReport) => void
  readonly onIdle: () => void
}

/** Short beside any generation, long beside the look itself. */
const POLL_BUSY_MS = 50
const CLAIM_ERROR_PAUSE_MS = 1_000

/**
 * A worker that runs claims along with its settles; it looks by itself when it starts, when it is woken, and now and then.
 * Over a storage that takes several batches at once, half of the generations is settled and replaced while the other runs.
 */
export function createLooks(options: LooksOptions): Looks {
  const { engine, runner, concurrency, pollMs, stopping, onEnd, onIdle } = options
  const { signal } = stopping
  const { clock } = engine.settings
  const { shared, listen, batchesInFlight, batchMax } = engine.storage.supports
  const hearsOthers = listen || !shared
  const share = batchesInFlight > 1 ? Math.min(batchMax, Math.ceil(concurrency / 2)) : concurrency
  let asked = 0
  const free = () => concurrency - asked - runner.running
  const alarm = createAlarm(clock, () => signal.aborted || free() > 0)
  let patienceMs = POLL_BUSY_MS

  const lookAsTold = async () => {
    while (!signal.aborted) {
      const found = await look()
      if (found === 'all') continue
      if (found === 'nothing' && runner.running + asked === 0) onIdle()
      const busy = found === 'some' || runner.running > 0
      patienceMs = busy || hearsOthers ? POLL_BUSY_MS : Math.min(pollMs, patienceMs * 2)
      if (!signal.aborted) await alarm.wait(hearsOthers ? pollMs : Math.min(pollMs, patienceMs))
    }
  }

  /** Claims what fits and starts it. */
  const look = async (): Promise<'all' | 'some' | 'nothing'> => {
    const wanted = Math.min(share, free())
    if (wanted <= 0) return 'nothing'
    alarm.reset()
    asked += wanted
    const sent = askedNow(engine, options.claim(wanted))
    const rows = await stillHeld(engine, sent, await claimOrPause(sent.command))
    asked -= wanted
    begin(rows)
    if (rows.length === wanted) return 'all'
    return rows.length > 0 ? 'some' : 'nothing'
  }

  const claimOrPause = async (command: ClaimCommand): Promise<GenerationRow[]> => {
    try {
      return await engine.call((s, again) => s.claim({ ...command, again }))
    } catch (error) {
      if (error instanceof GenqueueError && error.code === 'CLOSED') stopping.abort()
      else {
        engine.report(error, 'claim')
        await sleep(clock, CLAIM_ERROR_PAUSE_MS, signal)
      }
      return []
    }
  }

  const begin = (rows: readonly GenerationRow[]) => {
    announceClaimed(engine, rows)
    for (const row of rows) runner.run(row, ended)
  }

  const ended = (report: RunReport) => {
    // Nothing was settled, so no claim went along, and a slot may be free.
    if (report.end === 'lost' || report.end === 'yielded') alarm.ring()
    else alarm.check()
    onEnd(report)
  }

  const beginAlong = (rows: readonly GenerationRow[], wanted: number) => {
    asked -= wanted
    begin(rows)
    if (rows.length === wanted) alarm.ring()
  }

  const beginLate = async (sent: Asked, rows: readonly GenerationRow[], wanted: number) => {
    const held = await stillHeld(engine, sent, rows)
    // A worker that has closed meanwhile starts nothing: their leases lapse.
    beginAlong(signal.aborted ? [] : held, wanted)
  }

  const claimer: Claimer = {
    wanted(): AlongClaim | null {
      if (signal.aborted) return null
      // Theirs are about to be free: what looks by itself leaves them to this claim.
      const wanted = Math.min(share, free() + runner.settling)
      if (runner.settling === 0 || wanted <= 0) return null
      asked += wanted
      const sent = askedNow(engine, options.claim(wanted))
      const claimed = (rows: readonly GenerationRow[]) => {
        if (rows.length > 0 && isLate(engine, sent)) void beginLate(sent, rows, wanted)
        else beginAlong(rows, wanted)
      }
      return { command: sent.command, claimed }
    },
    passedOver() {
      if (runner.settling > 0) alarm.ring()
    },
  }

  return {
    ring: alarm.ring,
    async run() {
      const stopAlong = engine.claimAlong(claimer)
      signal.addEventListener('abort', alarm.ring, { once: true })
      try {
        await lookAsTold()
      } finally {
        stopAlong()
      }
    },
  }
}
