import pg from 'pg'
import { type ConstructorOptions, type Job, PgBoss } from 'pg-boss'
import { pause } from '../../chaos/time.js'
import type { Adapter, Ground } from './adapter.js'

const NAME = 'generate'
const GROUP = { id: 'm' }
/** When nothing of its own ended. Its own `work()` cannot look more often than every 500 ms. */
const LOOK_MS = 50

export interface PgBossOptions {
  readonly instance?: Partial<ConstructorOptions>
  /** A job whose process did not touch it for so long is taken back. */
  readonly heartbeatSeconds?: number
}

/** By loops of `fetch` and `complete`: `work()` only looks now and then, so that it would be measured asleep. */
export async function openPgBoss(options: PgBossOptions, ground: Ground): Promise<Adapter> {
  const { instance, heartbeatSeconds } = options
  const connectionString = `postgresql://postgres@127.0.0.1:${ground.place.port}/postgres`
  const pool = new pg.Pool({ connectionString, max: 1 })
  const boss = new PgBoss({ connectionString, ...instance })
  boss.on('error', (error: Error) => console.error(error.message))
  await boss.start()
  return {
    async setUp() {
      await boss.createQueue(NAME, heartbeatSeconds === undefined ? {} : { heartbeatSeconds })
    },
    async add(jobs) {
      await boss.insert(
        NAME,
        jobs.map((job) => ({ data: { job }, group: GROUP })),
      )
    },
    async prepare(handle) {
      const touchMs = heartbeatSeconds === undefined ? null : heartbeatSeconds * 500
      return () => {
        loop(boss, ground, touchMs, handle).catch((error: unknown) => {
          console.error(error)
          process.exit(1)
        })
      }
    },
    async left() {
      const { rows } = await pool.query<{ left: number }>(
        "SELECT count(*)::int AS left FROM pgboss.job WHERE name = $1 AND state IN ('created', 'retry', 'active')",
        [NAME],
      )
      return rows[0]?.left ?? 0
    },
  }
}

/** Until the process ends. */
async function loop(
  boss: PgBoss,
  { cap, perProcess }: Ground,
  touchMs: number | null,
  handle: (job: number) => Promise<void>,
): Promise<never> {
  const running = new Map<string, Job<{ job: number }>>()
  const ended: Job<{ job: number }>[] = []
  let wake = new AbortController()
  if (touchMs !== null) {
    setInterval(() => {
      if (running.size > 0) boss.touch(NAME, [...running.values()]).catch(() => {})
    }, touchMs)
  }
  const groupConcurrency = cap === null ? {} : { groupConcurrency: cap }
  for (;;) {
    if (ended.length > 0) await boss.complete(NAME, ended.splice(0))
    const room = perProcess - running.size
    const jobs =
      room === 0 ? [] : await boss.fetch<{ job: number }>(NAME, { batchSize: room, ...groupConcurrency })
    for (const job of jobs) {
      running.set(job.id, job)
      void handle(job.data.job).then(() => {
        running.delete(job.id)
        ended.push(job)
        wake.abort()
      })
    }
    if (ended.length === 0) await pause(LOOK_MS, wake.signal)
    wake = new AbortController()
  }
}
