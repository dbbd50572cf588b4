import { createQueue, type Queue } from '@genqueue/core'
import { memoryStorage } from '@genqueue/memory'
import { createQueueWorker, type QueueWorker } from '@genqueue/next'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'

const silent = { warn: () => {}, error: () => {} }

describe('the queue-worker functions', () => {
  let queue: Queue
  let lib: QueueWorker
  beforeEach(async () => {
    queue = createQueue({
      storage: memoryStorage(),
      models: { 'flux-2-pro': 1 },
      leaseMs: 1_000,
      logger: silent,
    })
    lib = createQueueWorker(queue)
    await queue.tickets.grant('ada', 10)
  })
  afterEach(() => queue.close())

  const ask = (cost = 1) =>
    lib.queueGeneration({ userId: 'ada', modelId: 'flux-2-pro', prompt: 'x', ticketCost: cost })

  it('refuse costs and priorities that are none, and reserve nothing for them', async () => {
    for (const cost of [-1, 0.5, Number.NaN, Number.POSITIVE_INFINITY, '3' as unknown as number])
      await expect(ask(cost)).rejects.toMatchObject({ code: 'VALIDATION' })
    await expect(ask(11)).rejects.toMatchObject({ code: 'INSUFFICIENT_TICKETS' })
    expect(await queue.tickets.account('ada')).toMatchObject({ balance: 10, reserved: 0 })
    expect((await queue.list()).generations).toEqual([])
  })

  it('start, fail with a refund, retry and cancel', async () => {
    const { queueId, position } = await ask(4)
    expect(position).toBe(1)
    await lib.startProcessing(queueId)
    await lib.failGeneration(queueId, 'no paint')
    expect(await lib.getQueueStatus(queueId)).toMatchObject({ status: 'failed', errorMessage: 'no paint' })
    expect(await queue.tickets.account('ada')).toMatchObject({ balance: 10, reserved: 0 })
    await lib.retryGeneration(queueId)
    expect(await queue.tickets.account('ada')).toMatchObject({ balance: 10, reserved: 4 })
    expect(await lib.cancelGeneration(queueId, 'enough')).toMatchObject({
      status: 'cancelled',
      errorMessage: 'enough',
    })
  })

  it('settle what another process started (a webhook) while it is processing, and not after', async () => {
    const { queueId } = await ask()
    await createQueueWorker(queue).startProcessing(queueId)
    await lib.completeGeneration(queueId, 'https://img.example/1.png')
    expect(await queue.tickets.account('ada')).toMatchObject({ balance: 9, reserved: 0 })
    await expect(lib.failGeneration(queueId, 'late')).rejects.toMatchObject({ code: 'INVALID_TRANSITION' })
  })

  it('keeps the lease of what it started, and lets go of what is never settled', async () => {
    const impatient = createQueueWorker(queue, { holdMs: 1_500 })
    const { queueId } = await impatient.queueGeneration({ userId: 'ada', modelId: 'flux-2-pro', prompt: 'x' })
    await impatient.startProcessing(queueId)
    await new Promise((resolve) => setTimeout(resolve, 1_400))
    expect((await queue.verify()).findings).toEqual([])
    await new Promise((resolve) => setTimeout(resolve, 1_500))
    expect((await queue.verify()).findings).toMatchObject([{ trouble: 'stuck_processing' }])
    await queue.repair()
    expect(await impatient.getQueueStatus(queueId)).toMatchObject({ status: 'queued', position: 1 })
  })

  it('is fenced: a settle after the slot was taken back and given to another is refused', async () => {
    const { queueId } = await lib.queueGeneration({ userId: 'ada', modelId: 'flux-2-pro', prompt: 'x' })
    const lease = await lib.startProcessing(queueId)
    await queue.fail(queueId, 'taken away', { lease, retry: true })
    await new Promise((resolve) => setTimeout(resolve, 1_100))
    const [other] = await queue.claim()
    if (other === undefined) throw new Error('nothing to claim')
    await expect(lib.completeGeneration(queueId, 'https://img.example/late.png')).rejects.toMatchObject({
      code: 'LEASE_LOST',
    })
    await queue.complete(queueId, 'https://img.example/right.png', { lease: other.lease })
    expect(await lib.getQueueStatus(queueId)).toMatchObject({ resultUrl: 'https://img.example/right.png' })
  })

  it('has a safe form in one call', async () => {
    const outcome = await lib.generateOrQueue(
      { userId: 'ada', modelId: 'flux-2-pro', prompt: 'x' },
      async () => 'https://img.example/1.png',
    )
    expect(outcome).toMatchObject({ status: 'completed', resultUrl: 'https://img.example/1.png' })
    await queue.submit({ userId: 'ada', modelId: 'flux-2-pro', prompt: 'busy' })
    expect(
      await lib.generateOrQueue({ userId: 'ada', modelId: 'flux-2-pro', prompt: 'y' }, async () => 'never'),
    ).toMatchObject({
      status: 'queued',
      position: 1,
    })
  })
})
