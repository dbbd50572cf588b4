import type { ApplyCommand, Finding } from '@genqueue/core'
import { MODEL_IDS, MODELS } from '../models.js'
import { isTogether } from '../observer/observer.js'
import { Violation } from '../observer/violation.js'
import { USERS } from './requests.js'
import { anyLive, anySettled, type Deed, type Stage } from './stage.js'

const LIST_LIMIT = 10
const GRANT_MAX = 8

export const limits: Deed = ({ world, me }) => {
  const modelId = world.random.pick(MODEL_IDS)
  const maxConcurrent = world.random.between(1, 2 * (MODELS[modelId] as number))
  world.ask(me, `limit ${modelId} to ${maxConcurrent}`, (queue) =>
    queue.limits.set(modelId, { maxConcurrent }),
  )
}

export const pauses: Deed = ({ world, me }) => {
  const modelId = world.random.pick(MODEL_IDS)
  const paused = world.random.next() < 0.4
  world.ask(me, `${paused ? 'pause' : 'resume'} ${modelId}`, (queue) => queue.limits.set(modelId, { paused }))
}

function cancelOne({ world, me }: Stage, queueId: number): void {
  const bill = world.random.next() < 0.15 && world.on('partial-use')
  const options = bill ? { ticketsUsed: 1 } : {}
  world.ask(me, `cancel #${queueId}${bill ? ', billing 1' : ''}`, (queue) => queue.cancel(queueId, options))
}

export const cancel: Deed = (stage) => {
  const known = anyLive(stage)
  if (known !== undefined) cancelOne(stage, known.queueId)
}

export const retry: Deed = (stage) => {
  const known = anySettled(stage)
  if (known === undefined) return
  const { queueId } = known
  stage.world.ask(stage.me, `retry #${queueId}`, (queue) => queue.retry(queueId))
}

const isMove = (command: unknown): command is ApplyCommand =>
  typeof command === 'object' && command !== null && 'items' in command && 'rows' in command

/** Into the middle of a move that is under way: cancel races complete, retry races the sweep, and so on. */
export const race: Deed = (stage) => {
  const { world, me } = stage
  const moving = [...world.wire.underWay].flatMap(({ command: sent }) => {
    const command = isTogether(sent) ? sent.apply : sent
    return isMove(command) ? command.items.map((item) => item.queueId) : []
  })
  const choice = world.random.next()
  if (moving.length === 0) return
  const queueId = world.random.pick(moving)
  world.observer.count('races')
  const token = world.observer.books.generations.get(queueId)?.token ?? null
  if (choice < 0.3) cancelOne(stage, queueId)
  else if (choice < 0.45) world.ask(me, `retry #${queueId}`, (queue) => queue.retry(queueId))
  else if (choice < 0.6) {
    world.ask(me, `complete #${queueId} by webhook`, (queue) => queue.complete(queueId, 'hook:picture'))
  } else if (choice < 0.75 || token === null) {
    world.ask(me, `fail #${queueId} for now`, (queue) => queue.fail(queueId, 'late', { retry: true }))
  } else {
    // The last heartbeat of a lease that somebody is about to take back.
    world.ask(me, `renew #${queueId} under ${token}`, (queue) => queue.heartbeat(queueId, token))
  }
}

export const clear: Deed = ({ world, me }) => {
  const olderThanMs = Math.floor(world.random.next() * 2 * world.setting.leaseMs)
  const all = world.random.next() < 0.3
  const options = all
    ? { olderThanMs, statuses: ['completed', 'cancelled', 'failed'] as const }
    : { olderThanMs }
  world.ask(me, `clear what settled ${olderThanMs} ms ago`, (queue) => queue.clear(options))
}

export const tickets: Deed = ({ world, me }) => {
  const { random } = world
  const userId = random.pick(USERS)
  const [amount, kind, key] = [random.between(1, GRANT_MAX), random.next(), random.between(1, 20)]
  const options = kind < 0.5 ? { id: `post-${key}` } : {}
  const named = options.id === undefined ? '' : `, key ${options.id}`
  if (kind < 0.25 || kind > 0.75) {
    world.ask(me, `grant ${amount} to ${userId}${named}`, (q) => q.tickets.grant(userId, amount, options))
  } else {
    world.ask(me, `revoke ${amount} from ${userId}${named}`, (q) => q.tickets.revoke(userId, amount, options))
  }
}

export const reads: Deed = (stage) => {
  const { world, me } = stage
  const { random } = world
  const [what, modelId, userId] = [random.between(0, 6), random.pick(MODEL_IDS), random.pick(USERS)]
  const known = anyLive(stage) ?? anySettled(stage)
  const queueId = known?.queueId ?? 1
  if (what === 0) world.ask(me, `tell if ${modelId} is free`, (queue) => queue.canProcess(modelId))
  else if (what === 1) world.ask(me, `tell the status of #${queueId}`, (queue) => queue.status(queueId))
  else if (what === 2) world.ask(me, 'tell the statistics', (queue) => queue.stats())
  else if (what === 3) {
    const status = random.pick([undefined, 'queued', 'processing', 'completed', 'failed'] as const)
    const filter = { limit: LIST_LIMIT, status, ...(random.next() < 0.5 ? { userId } : { modelId }) }
    world.ask(me, 'list', (queue) => queue.list(filter))
  } else if (what === 4)
    world.ask(me, `tell the account of ${userId}`, (queue) => queue.tickets.account(userId))
  else if (what === 5)
    world.ask(me, `tell the history of ${userId}`, (queue) => queue.tickets.history(userId))
  else world.ask(me, `tell the position of #${queueId}`, (queue) => queue.positions([queueId]))
}

/** What the library finds out about itself; a lapsed lease is nothing wrong, anything else is. */
export const verify: Deed = ({ world, me }) => {
  const mends = world.random.next() < 0.3
  const done = ({ findings }: { readonly findings: readonly Finding[] }) => {
    const bad = findings.find(({ trouble }) => trouble !== 'stuck_processing')
    if (bad !== undefined) throw new Violation(bad.law as 9, bad.subject, `verify found ${bad.message}`)
  }
  if (mends) world.ask(me, 'repair', (queue) => queue.repair(), { done })
  else world.ask(me, 'verify', (queue) => queue.verify(), { done })
}
