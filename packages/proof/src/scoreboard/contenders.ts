import { STORAGES, type StorageName } from '../chaos/storages.js'
import type { OpenAdapter } from './library/adapter.js'

export interface Contender {
  readonly label: string
  readonly ours: boolean
  /** Null where everything lives in one process. */
  readonly storage: StorageName | null
  /** Of npm packages that decide what is measured. */
  readonly packages: readonly string[]
  /** Node that the packages ask for, where it is more than what runs genqueue. */
  readonly needsNode?: string
  /** How the cap is set. */
  readonly capBy: string
  /** What its defaults (or the options shown) say about a holder that died. */
  readonly recoveryBy: string
  /** Loaded only in the processes that run it. */
  readonly open: OpenAdapter
}

const LEASE = 'lease of 12 s, renewed every 4 s; every worker sweeps each second'

const genqueue = (storage: StorageName, packages: readonly string[]): Contender => ({
  label: `genqueue, ${STORAGES[storage].label}`,
  ours: true,
  storage,
  packages,
  capBy: 'the limit of a model',
  recoveryBy: LEASE,
  open: async (ground) => (await import('./library/genqueue.js')).openGenqueue(storage, ground),
})

export const CONTENDERS = {
  redis: genqueue('redis', ['ioredis']),
  postgres: genqueue('postgres', ['@prisma/adapter-pg']),
  mysql: genqueue('mysql', ['@prisma/adapter-mariadb']),
  sqlite: genqueue('sqlite', ['@prisma/adapter-libsql']),
  memory: {
    label: 'genqueue, memory',
    ours: true,
    storage: null,
    packages: [],
    capBy: 'the limit of a model',
    recoveryBy: 'nothing outlives its process',
    open: async (ground) => (await import('./library/genqueue.js')).openGenqueue('memory', ground),
  },
  bullmq: {
    label: 'BullMQ, Redis',
    ours: false,
    storage: 'redis',
    packages: ['bullmq'],
    capBy: '`setGlobalConcurrency(3)`',
    recoveryBy: 'lock of 30 s (`lockDuration`), two looks 30 s apart (`stalledInterval`)',
    open: async (ground) => (await import('./library/bullmq.js')).openBullmq({ on: 'redis' }, ground),
  },
} as const satisfies Record<string, Contender>

export type ContenderName = keyof typeof CONTENDERS
export const CONTENDER_NAMES = Object.keys(CONTENDERS) as ContenderName[]
