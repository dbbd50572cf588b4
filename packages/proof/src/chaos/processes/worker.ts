import { fromEpoch, pause } from '../time.js'
import { outcomeOf, runMsOf, usedOf } from '../workload.js'
import { start } from './start.js'

/** Runs fake jobs, telling the log before each begins and after it ends; killed, stopped and started again from outside. */
const CONCURRENCY = 8

const { orders, say, queue } = await start()

const worker = queue.worker(
  async ({ queueId, modelId, ticketCost }, { signal, attempt, lease }) => {
    say({ what: 'begin', queueId, modelId, attempt, leaseUntil: fromEpoch(lease.expiresAt) })
    await pause(runMsOf(queueId, modelId, orders.leaseMs), signal)
    const how = signal.aborted ? 'aborted' : outcomeOf(queueId, attempt)
    const used = how === 'made' ? usedOf(queueId, ticketCost) : 0
    say({ what: 'end', queueId, attempt, how, used })
    if (how === 'made') return { resultUrl: `https://img.example/${queueId}.png`, ticketsUsed: used }
    throw Object.assign(new Error(`the fake job was ${how}`), { retryable: how !== 'refused' })
  },
  { concurrency: CONCURRENCY },
)
worker.on('finished', ({ queueId, attempt, end }) => say({ what: 'told', queueId, attempt, end }))
worker.start()
say({ what: 'up' })
