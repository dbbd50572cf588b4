import { EventEmitter } from 'node:events'
import { Logger, makeWorkerUtils, type Runner, run, type WorkerEvents } from 'graphile-worker'
import pg from 'pg'
import type { Subject } from '../contender.js'
import { CONCURRENCY, requestOf } from '../work.js'

const TASK = 'generate'
/** Of its pool, one connection does nothing but wait for notifications; the other peers have that one beside theirs. */
const LISTENING = 1
/** Jobs of one addJobs. */
const MANY = 1_000

export interface GraphileWorkerOptions {
  /** Jobs locked and completed in batches, as its documentation advises where many are short. */
  readonly localQueue?: number
}

export async function openGraphileWorker(
  connectionString: string,
  connections: number,
  { localQueue }: GraphileWorkerOptions,
): Promise<Subject> {
  // It would print a line for every job.
  const logger = new Logger(() => () => {})
  const batched =
    localQueue === undefined
      ? {}
      : { localQueue: { size: localQueue }, completeJobBatchDelay: 0, failJobBatchDelay: 0 }
  const preset = { worker: { logger, ...batched } }
  const pgPool = new pg.Pool({ connectionString, max: connections + LISTENING })
  // It warns of a pool that nobody listens to.
  const tell = (error: Error) => console.error(`graphile-worker: ${error.message}`)
  pgPool.on('error', tell)
  pgPool.on('connect', (client) => client.on('error', tell))
  const utils = await makeWorkerUtils({ preset, pgPool })
  await utils.migrate()
  return {
    add: (n) => utils.addJob(TASK, requestOf(n)),
    async addMany(jobs) {
      for (let at = 0; at < jobs.length; at += MANY) {
        const many = jobs.slice(at, at + MANY)
        await utils.addJobs(many.map((n) => ({ identifier: TASK, payload: requestOf(n) })))
      }
    },
    async prepare({ started, done }) {
      const events: WorkerEvents = new EventEmitter()
      events.on('job:complete', done)
      let running: Promise<Runner> | undefined
      let stopped: Promise<void> | undefined
      const stop = () => {
        stopped ??= running?.then((runner) => runner.stop())
        return Promise.resolve(stopped)
      }
      return {
        begin() {
          const taskList = { [TASK]: () => started() }
          running = run({
            preset,
            pgPool,
            events,
            taskList,
            concurrency: CONCURRENCY,
            noHandleSignals: true,
          })
        },
        // It does not wait for its own writes: a job is told of before it is gone from the table.
        settled: stop,
        stop,
      }
    },
    async close() {
      await utils.release()
      await pgPool.end()
    },
  }
}
