import { STORAGES, type StorageName } from '../chaos/storages.js'
import type { OpenAdapter } from './library/adapter.js'
import type { BullmqOptions } from './library/bullmq.js'
import type { PgBossOptions } from './library/pg-boss.js'

export interface Contender {
  readonly label: string
  readonly ours: boolean
  /** Null where everything lives in one process. */
  readonly storage: StorageName | null
  /** Of npm packages that decide what is measured. */
  readonly packages: readonly string[]
  /** Node that the packages ask for, where it is more than what runs genqueue. */
  readonly needsNode?: string
  /** A sentence for readers: how the cap is set, and what says when a holder is dead. */
  readonly setUp: string
  /** Loaded only in the processes that run it. */
  readonly open: OpenAdapter
}

const genqueue = (storage: StorageName, packages: readonly string[]): Contender => ({
  label: `genqueue, ${STORAGES[storage].label}`,
  ours: true,
  storage,
  packages,
  setUp:
    'The limit of a model is the cap. Defaults: a lease of 12 s that is renewed every 4 s; every worker looks for lapsed leases each second.',
  open: async (ground) => (await import('./library/genqueue.js')).openGenqueue(storage, ground),
})

const bullmq = (label: string, setUp: string, options: BullmqOptions): Contender => ({
  label,
  ours: false,
  storage: options.on,
  packages: ['bullmq'],
  setUp,
  open: async (ground) => (await import('./library/bullmq.js')).openBullmq(options, ground),
})

const pgBoss = (label: string, setUp: string, options: PgBossOptions): Contender => ({
  label,
  ours: false,
  storage: 'postgres',
  packages: ['pg-boss'],
  needsNode: '22.12.0',
  setUp,
  open: async (ground) => (await import('./library/pg-boss.js')).openPgBoss(options, ground),
})

export const CONTENDERS = {
  redis: genqueue('redis', ['ioredis']),
  postgres: genqueue('postgres', ['@prisma/adapter-pg']),
  mysql: genqueue('mysql', ['@prisma/adapter-mariadb']),
  sqlite: genqueue('sqlite', ['@prisma/adapter-libsql']),
  memory: {
    label: 'genqueue, memory of one process',
    ours: true,
    storage: null,
    packages: [],
    setUp:
      'The limit of a model is the cap. One process runs everything; what it holds is gone when it dies.',
    open: async (ground) => (await import('./library/genqueue.js')).openGenqueue('memory', ground),
  },
  bullmq: bullmq(
    'BullMQ on Redis',
    '`setGlobalConcurrency` is the cap, one for a whole queue. Defaults: a lock of 30 s, and a look for lapsed locks every 30 s.',
    { on: 'redis' },
  ),
  'bullmq-tuned': bullmq(
    'BullMQ on Redis, shorter lock',
    'As above with `lockDuration` 12 s, as long as the lease of genqueue, and `stalledInterval` 4 s.',
    { on: 'redis', worker: { lockDuration: 12_000, stalledInterval: 4_000 } },
  ),
  'bullmq-postgres': bullmq(
    'BullMQ on PostgreSQL',
    'Its own backend for PostgreSQL (`createPostgresBackend`); otherwise as BullMQ on Redis, with defaults.',
    { on: 'postgres' },
  ),
  'pg-boss': pgBoss(
    'pg-boss',
    '`groupConcurrency` is the cap, all jobs being in one group. It is run by loops of `fetch` and `complete` that look every 50 ms, because its `work()` looks every 500 ms at most often. Default: a job is taken back when it expires, after 15 minutes.',
    {},
  ),
  'pg-boss-tuned': pgBoss(
    'pg-boss, heartbeat of 10 s',
    'As above with `heartbeatSeconds` 10, the least it allows, touched every 5 s, and `superviseIntervalSeconds` and `monitorIntervalSeconds` 1.',
    { heartbeatSeconds: 10, instance: { superviseIntervalSeconds: 1, monitorIntervalSeconds: 1 } },
  ),
  'graphile-worker': {
    label: 'graphile-worker',
    ours: false,
    storage: 'postgres',
    packages: ['graphile-worker'],
    needsNode: '22.18.0',
    setUp:
      'It has no cap, but a named queue runs its jobs one after the other: jobs are dealt out to as many named queues as the cap, with `pollInterval` 100 ms (with its default of 2 s a drain takes three times as long). A job of a dead process stays locked for 4 hours. Its speed is taken without named queues, with a local queue of 500 and batched completion.',
    open: async (ground) => (await import('./library/graphile-worker.js')).openGraphileWorker(ground),
  },
} as const satisfies Record<string, Contender>

export type ContenderName = keyof typeof CONTENDERS
export const CONTENDER_NAMES = Object.keys(CONTENDERS) as ContenderName[]
export const contenderOf = (name: ContenderName): Contender => CONTENDERS[name]
