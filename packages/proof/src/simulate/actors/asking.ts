import type { GenerationRequest } from '@genqueue/core'
import { demand } from '../observer/violation.js'
import { settleLater } from './by-hand.js'
import { handlerOf } from './handlers.js'
import { drawRequest, inWords } from './requests.js'
import type { Deed, Stage } from './stage.js'

const BATCH = 6
const SPENDS = 5
const AGAIN_AFTER_MS = 2_000

/** Users hold back while much is under way, so that a run is not one long queue. */
const crowded = ({ world }: Stage) => world.observer.books.live >= world.setting.crowd

/** What an app is told about an admission must be true, and a key must always mean the same generation. */
function believe({ world }: Stage, request: GenerationRequest, queueId: number): void {
  const { books } = world.observer
  const known = books.generations.get(queueId) ?? books.cleared.get(queueId)
  const { userId, modelId, idempotencyKey } = request
  demand(
    known !== undefined,
    7,
    { queueId, userId },
    () => `was told of ${queueId}, which was never admitted`,
  )
  const own = known.userId === userId && known.modelId === modelId
  demand(own, 8, { queueId, userId }, () => `${userId} was told of a generation of ${known.userId}`)
  const right = idempotencyKey === undefined || idempotencyKey === known.key
  demand(
    right,
    8,
    { queueId, userId },
    () => `key ${idempotencyKey} was answered with that of key ${known.key}`,
  )
}

/** A request that failed for want of the storage is sent again when it brought a key, as users do. */
function persist(stage: Stage, request: GenerationRequest, code: string): void {
  const { world } = stage
  if (code !== 'STORAGE_UNAVAILABLE' || request.idempotencyKey === undefined || world.wire.calm) return
  world.scheduler.after(world.random.next() * AGAIN_AFTER_MS, () => {
    const me = world.anyInstance()
    if (me !== undefined && !world.wire.calm) enqueueOne({ ...stage, me }, request)
  })
}

function enqueueOne(stage: Stage, request: GenerationRequest): void {
  stage.world.ask(stage.me, `enqueue ${inWords(request)}`, (queue) => queue.enqueue(request), {
    done: ({ queueId }) => believe(stage, request, queueId),
    failed: (code) => persist(stage, request, code),
  })
}

function submitOne(stage: Stage, request: GenerationRequest): void {
  stage.world.ask(stage.me, `submit ${inWords(request)}`, (queue) => queue.submit(request), {
    done: (submission) => {
      believe(stage, request, submission.queueId)
      if (submission.status === 'processing' && submission.lease !== null)
        settleLater(stage, submission.lease)
    },
    failed: (code) => persist(stage, request, code),
  })
}

export const enqueue: Deed = (stage) => {
  const request = drawRequest(stage.world, stage.keys)
  if (!crowded(stage)) enqueueOne(stage, request)
}

export const submit: Deed = (stage) => {
  const request = drawRequest(stage.world, stage.keys)
  if (!crowded(stage)) submitOne(stage, request)
}

export const run: Deed = (stage) => {
  const { world, me, keys } = stage
  const request = drawRequest(world, keys)
  if (crowded(stage)) return
  world.ask(me, `run ${inWords(request)}`, (queue) => queue.run(request, handlerOf(world, me)), {
    done: ({ queueId }) => believe(stage, request, queueId),
  })
}

export const batch: Deed = (stage) => {
  const { world, me, keys } = stage
  const requests = Array.from({ length: world.random.between(2, BATCH) }, () => drawRequest(world, keys))
  if (crowded(stage)) return
  world.ask(me, `enqueue ${requests.map(inWords).join('; ')}`, (queue) => queue.enqueueMany(requests), {
    done: (results) => {
      for (const [i, result] of results.entries()) {
        if (result.ok) believe(stage, requests[i] as GenerationRequest, result.queueId)
      }
    },
  })
}

/** As much as the tickets pay for, and more, through several processes, while they are being granted. */
export const spend: Deed = (stage) => {
  const { world, keys } = stage
  const userId = 'eve'
  const amount = world.random.between(1, 4)
  const requests = Array.from({ length: SPENDS }, () => drawRequest(world, keys, userId))
  if (crowded(stage)) return
  world.ask(stage.me, `grant ${amount} to ${userId}`, (queue) => queue.tickets.grant(userId, amount))
  for (const request of requests) {
    const me = world.anyInstance()
    if (me !== undefined) submitOne({ ...stage, me }, request)
  }
}

/** The same request once more, through any process; now and then with another payload under its key. */
export const again: Deed = (stage) => {
  const earlier = stage.keys.any(stage.world)
  const differs = stage.world.random.next() < 0.2
  if (earlier === undefined) return
  const request = differs ? { ...earlier, prompt: 'another picture' } : earlier
  enqueueOne(stage, request)
}
