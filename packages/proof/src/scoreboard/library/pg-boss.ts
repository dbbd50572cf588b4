import pg from 'pg'
import { PgBoss, type WorkOptions } from 'pg-boss'
import type { Adapter, Ground } from './adapter.js'

const NAME = 'generate'
const GROUP = { id: 'm' }

export interface PgBossOptions {
  readonly work?: WorkOptions
  readonly superviseIntervalSeconds?: number
  readonly monitorIntervalSeconds?: number
  readonly heartbeatSeconds?: number
}

export async function openPgBoss(options: PgBossOptions, ground: Ground): Promise<Adapter> {
  const { work, heartbeatSeconds, ...instance } = options
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
      const options = { localConcurrency: ground.perProcess, groupConcurrency: ground.cap, ...work }
      return () =>
        boss.work<{ job: number }>(NAME, options, async (jobs) => {
          for (const { data } of jobs) await handle(data.job)
        })
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
