import { createQueue, type GenerationRequest, type Storage } from '@genqueue/core'
import { STORAGES, type StorageName } from '../../chaos/storages.js'
import type { Adapter, Ground } from './adapter.js'

const MODEL = 'm'
const USERS = 20
const TICKETS = 1_000_000
const URL_OF_RESULT = 'https://img.example/1.png'
/** There is no model without a limit; this one is out of reach. */
const FAR = 1_000

export async function openGenqueue(
  storageName: StorageName | 'memory',
  { place, cap, perProcess, leaseMs }: Ground,
): Promise<Adapter> {
  const queue = createQueue({
    storage: await openStorage(storageName, place),
    models: { [MODEL]: cap ?? FAR },
    limitMax: FAR,
    ...(leaseMs === null ? {} : { leaseMs }),
  })
  return {
    async setUp() {
      await queue.limits.initialize()
      for (let user = 0; user < USERS; user++)
        await queue.tickets.grant(`user-${user}`, TICKETS, { id: 'first' })
    },
    async add(jobs) {
      const results = await queue.enqueueMany(jobs.map(requestOf))
      for (const result of results) if (!result.ok) throw result.error
    },
    async prepare(handle) {
      await queue.canProcess(MODEL)
      const worker = queue.worker(
        async ({ prompt }) => {
          await handle(Number(prompt))
          return URL_OF_RESULT
        },
        { concurrency: perProcess },
      )
      return () => worker.start()
    },
    async left() {
      const { models } = await queue.stats()
      return models.reduce((sum, { active, waiting }) => sum + active + waiting, 0)
    },
  }
}

async function openStorage(name: StorageName | 'memory', place: Ground['place']): Promise<Storage> {
  if (name !== 'memory') return (await STORAGES[name].open(place)).storage
  const { memoryStorage } = await import('@genqueue/memory')
  return memoryStorage()
}

const requestOf = (job: number): GenerationRequest => ({
  userId: `user-${job % USERS}`,
  modelId: MODEL,
  prompt: String(job),
})
