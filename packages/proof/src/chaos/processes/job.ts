import type { Handler } from '@genqueue/core'
import type { Say } from '../log.js'
import { fromEpoch, pause } from '../time.js'
import { outcomeOf, runMsOf, usedOf } from '../workload.js'

/** The fake job of a generation, noted before it begins and after it ends. Where nothing is tried again every failure is final. */
export function fakeJob(say: Say, leaseMs: number, triesAgain: boolean): Handler {
  return async ({ queueId, modelId, ticketCost }, { signal, attempt, lease }) => {
    say({ what: 'begin', queueId, modelId, attempt, leaseUntil: fromEpoch(lease.expiresAt) })
    await pause(runMsOf(queueId, modelId, leaseMs), signal)
    const planned = outcomeOf(queueId, attempt)
    const outcome = planned === 'failed' && !triesAgain ? 'refused' : planned
    const how = signal.aborted ? 'aborted' : outcome
    const used = how === 'made' ? usedOf(queueId, ticketCost) : 0
    say({ what: 'end', queueId, attempt, how, used })
    if (how === 'made') return { resultUrl: `https://img.example/${queueId}.png`, ticketsUsed: used }
    throw Object.assign(new Error(`the fake job was ${how}`), { retryable: how !== 'refused' })
  }
}
