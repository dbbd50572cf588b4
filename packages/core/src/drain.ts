import pLimit from 'p-limit'
import { z } from 'zod'
import type { Engine } from './engine.js'
import type { GenerationRow } from './generation.js'
import { CLAIM_MAX, claimRows, modelIdsSchema } from './process.js'
import type { Handler, RunEnd, RunReport } from './run.js'
import { createRunner } from './runner.js'
import { readInput } from './schemas/input.js'
import type { Sweeper } from './sweep.js'
import { readHandler, settleWithin } from './worker.js'

export interface DrainOptions {
  readonly models?: readonly string[] | undefined
  /** Most generations to run in this call; default 100. */
  readonly max?: number | undefined
  /** When to be back, in milliseconds from now; what still runs then goes back to the queue. Default 50,000. */
  readonly deadlineMs?: number | undefined
  /** Most generations to run at once; default 50. */
  readonly concurrency?: number | undefined
}

export interface DrainReport {
  readonly started: number
  readonly completed: number
  readonly failed: number
  readonly retrying: number
  /** Given back unfinished at the deadline, attempts not counted. */
  readonly yielded: number
  /** Cancelled or taken over while they ran. */
  readonly lost: number
  /** Taken back from processes that died, before the first claim. */
  readonly reclaimed: number
  readonly tookMs: number
}

const optionsSchema = z
  .strictObject({
    models: modelIdsSchema,
    max: z.int().min(1).max(100_000).default(100),
    deadlineMs: z.int().min(1).max(86_400_000).default(50_000),
    concurrency: z.int().min(1).max(CLAIM_MAX).default(50),
  })
  .prefault({})

/** Runs what may run now, within a deadline, and comes back: for cron routes and serverless functions. */
export async function drain(
  engine: Engine,
  sweeper: Sweeper,
  handler: Handler,
  options?: DrainOptions,
): Promise<DrainReport> {
  const checked = readHandler('drain', handler)
  const { models, max, deadlineMs, concurrency } = readInput('drain', optionsSchema, options)
  const { clock } = engine.settings
  const startedAt = clock.now()
  const deadlineAt = startedAt + deadlineMs
  const { reclaimed } = await sweeper.sweep()
  const runner = createRunner(engine, checked)
  const limit = pLimit(concurrency)
  const ends = new Map<RunEnd, number>()
  const underWay = new Set<Promise<void>>()
  const timeIsUp = atDeadline(engine, deadlineMs)
  let started = 0

  const runOne = async (row: GenerationRow) => {
    const { end } = await limit(() => new Promise<RunReport>((resolve) => runner.run(row, resolve)))
    ends.set(end, (ends.get(end) ?? 0) + 1)
  }
  const claimMore = async () => {
    // Claims no more than may run at once: a generation that waits here would keep a slot from others.
    const room = Math.min(concurrency - underWay.size, max - started)
    const rows = room > 0 ? await claimRows(engine, models ?? null, room) : []
    started += rows.length
    for (const row of rows) {
      const run = runOne(row).finally(() => underWay.delete(run))
      underWay.add(run)
    }
    return rows.length
  }

  try {
    while (clock.now() < deadlineAt && ((await claimMore()) > 0 || underWay.size > 0)) {
      await Promise.race([...underWay, timeIsUp.promise])
    }
    await settleWithin(engine, runner, 0)
    await Promise.all(underWay)
  } finally {
    timeIsUp.cancel()
    runner.stop()
  }
  const count = (end: RunEnd) => ends.get(end) ?? 0
  return {
    started,
    completed: count('completed'),
    failed: count('failed'),
    retrying: count('retrying'),
    yielded: count('yielded'),
    lost: count('lost'),
    reclaimed,
    tookMs: clock.now() - startedAt,
  }
}

function atDeadline(engine: Engine, deadlineMs: number) {
  let cancel = () => {}
  const promise = new Promise<void>((resolve) => {
    cancel = engine.settings.clock.setTimer(resolve, deadlineMs)
  })
  return { promise, cancel: () => cancel() }
}
