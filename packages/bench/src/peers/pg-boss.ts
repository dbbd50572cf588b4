import { type ConstructorOptions, type Job, PgBoss } from 'pg-boss'
import type { Subject, Watch, Work } from '../contender.js'
import { CONCURRENCY, RESULT, requestOf } from '../work.js'

const NAME = 'generate'
/** Its cap counts the jobs of a group. */
const GROUP = { id: 'm' }
const OUTPUT = { url: RESULT }
/** Inserts of one call. */
const MANY = 1_000

export interface PgBossOptions {
  readonly groupConcurrency?: number
  /** Its own worker, which hears of what is added; otherwise loops that fetch and complete, which are much faster. */
  readonly ownWorker?: boolean
}

export async function openPgBoss(
  connectionString: string,
  connections: number,
  options: PgBossOptions,
): Promise<Subject> {
  const settings: ConstructorOptions = {
    connectionString,
    max: connections,
    useListenNotify: options.ownWorker === true,
  }
  const boss = new PgBoss(settings)
  boss.on('error', (error: Error) => console.error(`pg-boss: ${error.message}`))
  await boss.start()
  await boss.createQueue(NAME, { notify: options.ownWorker === true })
  return {
    add: (n) => boss.send(NAME, requestOf(n), { group: GROUP }),
    async addMany(jobs) {
      for (let at = 0; at < jobs.length; at += MANY) {
        const many = jobs.slice(at, at + MANY)
        await boss.insert(
          NAME,
          many.map((n) => ({ data: requestOf(n), group: GROUP })),
        )
      }
    },
    prepare: async (watch) =>
      options.ownWorker === true ? ownWorker(boss, watch) : fetchLoop(boss, options, watch),
    close: () => boss.stop({ graceful: false, close: true }),
  }
}

/** CONCURRENCY at a time: a batch is fetched when all of the one before are complete. */
function fetchLoop(boss: PgBoss, { groupConcurrency }: PgBossOptions, { started, done }: Watch): Work {
  let running: Promise<void> | undefined
  let wanted = true
  const fetchOptions = {
    batchSize: CONCURRENCY,
    ...(groupConcurrency === undefined ? {} : { groupConcurrency }),
  }
  const loop = async () => {
    while (wanted) {
      const jobs = await boss.fetch<object>(NAME, fetchOptions)
      if (jobs.length === 0) return
      await Promise.all(jobs.map(async () => started()))
      await boss.complete(
        NAME,
        jobs.map(({ id }) => id),
        OUTPUT,
      )
      for (const _ of jobs) done()
    }
  }
  return {
    begin() {
      running = loop()
    },
    stop() {
      wanted = false
      return Promise.resolve(running)
    },
  }
}

function ownWorker(boss: PgBoss, { started, done }: Watch): Work {
  return {
    begin: () =>
      void boss.work(NAME, { localConcurrency: CONCURRENCY }, async (jobs: Job<object>[]) => {
        for (const _ of jobs) {
          started()
          done()
        }
        return OUTPUT
      }),
    stop: () => boss.offWork(NAME),
  }
}
