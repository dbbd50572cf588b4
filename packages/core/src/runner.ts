import type { Engine, WakeListener } from './engine.js'
import { GenqueueError } from './errors.js'
import type { GenerationRow } from './generation.js'
import { createLeaseKeeper } from './lease-keeper.js'
import { MOVES } from './rules.js'
import { type Crew, type Handler, Run, type RunReport } from './run.js'
import { applyItem } from './settle.js'

/** Runs claimed generations: keeps their leases, settles them, never throws. */
export interface Runner {
  /** `ended` is told once, of every run. `retries` false fails at the first error. */
  run(row: GenerationRow, ended: (report: RunReport) => void, retries?: boolean): void
  readonly running: number
  /** Those of them whose handler has ended, and whose settle is under way. */
  readonly settling: number
  /** Aborts what still runs and gives it back to the queue, attempts not counted. */
  yieldAll(): Promise<void>
  stop(): void
}

/** `claimer`, if any, sends its claims along with the settles, and need not be woken by them. */
export function createRunner(
  engine: Engine,
  handler: Handler,
  leaseMs = engine.settings.leaseMs,
  claimer?: WakeListener,
): Runner {
  // By run, not by generation: one that lapsed may come back to this process while its first run goes on.
  const keeper = createLeaseKeeper<Run>(engine, leaseMs)
  const { held: running } = keeper
  const crew: Crew = { engine, handler, keeper, claimer, settling: 0 }

  const onCancelled = ({ queueId }: { queueId: number }) => {
    for (const run of running.all()) {
      if (run.row.queueId !== queueId) continue
      run.abort(new GenqueueError('INVALID_TRANSITION', `generation ${queueId} was cancelled`))
    }
  }
  engine.events.emitter.on('cancelled', onCancelled)

  return {
    run: (row, ended, retries = true) => new Run(crew, row, retries, ended).begin(),
    get running() {
      return running.size
    },
    get settling() {
      return crew.settling
    },
    async yieldAll() {
      const runs = running.all()
      const moves = runs.map(({ row }) => applyItem(row.queueId, MOVES.yield, { token: row.leaseToken }))
      const applied = Promise.all(moves.map((item) => engine.apply.add(item)))
      for (const run of runs) {
        run.finish('yielded')
        run.abort(new GenqueueError('CLOSED', 'the worker closes; this generation goes back to the queue'))
      }
      await applied
    },
    stop() {
      keeper.stop()
      engine.events.emitter.off('cancelled', onCancelled)
    },
  }
}
