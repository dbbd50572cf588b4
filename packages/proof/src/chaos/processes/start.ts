import { join } from 'node:path'
import { createQueue, type Queue } from '@genqueue/core'
import { endWithParent } from '../child.js'
import { LOG_FOLDER, openLog, type Say } from '../log.js'
import { type Place, STORAGES, type StorageName } from '../storages.js'
import { MAX_ATTEMPTS } from '../workload.js'

/** What every process of a run is started with, as one JSON argument. */
export interface Orders {
  readonly storage: StorageName
  readonly place: Place
  /** Its name in the log. */
  readonly who: string
  readonly leaseMs: number
  readonly seed: number
}

export interface Started {
  readonly orders: Orders
  readonly say: Say
  readonly queue: Queue
  close(): Promise<void>
}

const silent = { warn: () => {}, error: () => {} }

/** A queue as an app has it, on the storage of the run; the process ends with the one that started it. */
export async function start(): Promise<Started> {
  endWithParent()
  const orders = JSON.parse(process.argv[2] as string) as Orders
  const say = openLog(join(orders.place.folder, LOG_FOLDER), orders.who)
  const { storage, close } = await STORAGES[orders.storage].open(orders.place)
  const queue = createQueue({
    storage,
    models: {},
    leaseMs: orders.leaseMs,
    retry: { maxAttempts: MAX_ATTEMPTS, baseMs: 200, maxMs: 2_000 },
    logger: silent,
  })
  return {
    orders,
    say,
    queue,
    async close() {
      await queue.close()
      await close()
    },
  }
}
