import { fakeJob } from './job.js'
import { start } from './start.js'

/** Runs fake jobs, telling the log before each begins and after it ends; killed, stopped and started again from outside. */
const CONCURRENCY = 8

const { orders, say, queue } = await start()

const worker = queue.worker(fakeJob(say, orders.leaseMs, true), { concurrency: CONCURRENCY })
worker.on('finished', ({ queueId, attempt, end }) => say({ what: 'told', queueId, attempt, end }))
worker.start()
say({ what: 'up' })
