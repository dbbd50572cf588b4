import { Logger, makeWorkerUtils, run } from 'graphile-worker'
import pg from 'pg'
import type { Adapter, Ground } from './adapter.js'

const TASK = 'generate'
/** What its manual advises for speed; not together with named queues. */
const FAST = { localQueue: { size: 500 }, completeJobBatchDelay: 0, failJobBatchDelay: 0 }

/** With its default of 2,000 ms slots stand idle two thirds of a drain: nothing wakes who waits for a named queue. */
const WATCHFUL = { pollInterval: 100 }
/** It would print a line for every job. */
const SILENT = new Logger(() => () => {})

/** It has no cap but the named queue, which runs its jobs one after the other: as many of them as the cap, in turn. */
export async function openGraphileWorker({ place, cap, perProcess }: Ground): Promise<Adapter> {
  const connectionString = `postgresql://postgres@127.0.0.1:${place.port}/postgres`
  const pgPool = new pg.Pool({ connectionString })
  const utils = await makeWorkerUtils({ pgPool, logger: SILENT })
  const queueOf = (job: number) => (cap === null ? {} : { queueName: `${TASK}-${job % cap}` })
  return {
    setUp: () => utils.migrate(),
    async add(jobs) {
      await utils.addJobs(jobs.map((job) => ({ identifier: TASK, payload: { job }, ...queueOf(job) })))
    },
    async prepare(handle) {
      await pgPool.query('SELECT 1')
      return () =>
        run({
          pgPool,
          concurrency: perProcess,
          preset: { worker: { logger: SILENT, ...(cap === null ? FAST : WATCHFUL) } },
          taskList: { [TASK]: (payload) => handle((payload as { job: number }).job) },
        })
    },
    async left() {
      const { rows } = await pgPool.query<{ left: number }>(
        'SELECT count(*)::int AS left FROM graphile_worker.jobs WHERE attempts < max_attempts OR locked_at IS NOT NULL',
      )
      return rows[0]?.left ?? 0
    },
  }
}
