import type { Lease } from '@genqueue/core'
import { MADE } from '../observer/judge-apply.js'
import { handlerOf } from './handlers.js'
import { anyRunning, anyWaiting, type Deed, type Stage } from './stage.js'

const WORK_LEASES = 1.5
const CLAIM_MAX = 3
const DRAIN = { max: 10, concurrency: 3 }

/** An app that holds a lease: it works, renews or forgets to, and settles itself or through another process. */
export function settleLater(stage: Stage, lease: Lease): void {
  const { world, me } = stage
  const { random, setting, scheduler } = world
  const [share, keeps, elsewhere, end] = [random.next(), random.next(), random.next(), random.next()]
  const { queueId, token } = lease
  if (end > 0.9) return
  const release = keeps < 0.4 ? me.queue.keepLease(lease) : () => {}
  if (keeps > 0.8) {
    const beat = () =>
      world.ask(me, `renew #${queueId} under ${token}`, (queue) => queue.heartbeat(queueId, lease, 0.3))
    scheduler.after(share * setting.leaseMs * 0.5, beat, me)
  }
  const settle = () => {
    release()
    const other = elsewhere < 0.2 ? (world.anyInstance() ?? me) : me
    settleUnder({ ...stage, me: other }, queueId, token, end)
  }
  scheduler.after(share * WORK_LEASES * setting.leaseMs, settle, me)
}

function settleUnder({ world, me }: Stage, queueId: number, token: string, end: number): void {
  const under = `#${queueId} under ${token}`
  if (end < 0.6 || !world.on('failures')) {
    const ticketsUsed = world.on('partial-use') && end < 0.1 ? 0 : undefined
    const result = { resultUrl: MADE + token, ticketsUsed }
    world.ask(me, `complete ${under}`, (queue) => queue.complete(queueId, result, { lease: token }))
  } else {
    const retry = end < 0.75
    const how = retry ? 'fail for now' : 'fail'
    world.ask(me, `${how} ${under}`, (queue) => queue.fail(queueId, 'no picture', { lease: token, retry }))
  }
}

export const claim: Deed = (stage) => {
  const { world, me } = stage
  const max = world.random.between(1, CLAIM_MAX)
  world.ask(me, `claim ${max}`, (queue) => queue.claim({ max }), {
    done: (claimed) => {
      for (const { lease } of claimed) settleLater(stage, lease)
    },
  })
}

export const start: Deed = (stage) => {
  const known = anyWaiting(stage)
  if (known === undefined) return
  const { queueId } = known
  stage.world.ask(stage.me, `start #${queueId}`, (queue) => queue.start(queueId), {
    done: (lease) => settleLater(stage, lease),
  })
}

export const drain: Deed = ({ world, me }) => {
  const deadlineMs = Math.ceil(world.random.next() * 2 * world.setting.leaseMs) + 1
  world.ask(me, `drain for ${deadlineMs} ms`, (queue) =>
    queue.drain(handlerOf(world, me), { ...DRAIN, deadlineMs }),
  )
}

/** A provider that knows no lease. */
export const webhook: Deed = (stage) => {
  const known = anyRunning(stage)
  const good = stage.world.random.next() < 0.7
  if (known === undefined) return
  const { queueId } = known
  stage.world.ask(stage.me, `${good ? 'complete' : 'fail'} #${queueId} by webhook`, (queue) =>
    good ? queue.complete(queueId, 'hook:picture') : queue.fail(queueId, 'no picture'),
  )
}
