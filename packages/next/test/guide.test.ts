import { createQueue, type Queue } from '@genqueue/core'
import { memoryStorage } from '@genqueue/memory'
import { createQueueWorker, type QueueWorker } from '@genqueue/next'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'

const silent = { warn: () => {}, error: () => {} }
const NextResponse = { json: (body: unknown, init?: { status: number }) => Response.json(body, init) }

/** The guide's endpoint with its names and calls; the model's own provider stands where the guide says "your logic". */
function guideRoute(lib: QueueWorker, generateImage: (prompt: string) => Promise<string>) {
  const { canProcessGeneration, queueGeneration, startProcessing, completeGeneration, failGeneration } = lib
  return {
    async POST(request: Request) {
      const { prompt, model, userId, quality, aspectRatio, referenceImages } = await request.json()
      const canProcess = await canProcessGeneration(model)
      if (!canProcess) {
        const { queueId, position } = await queueGeneration({
          userId,
          modelId: model,
          modelType: 'image',
          prompt,
          parameters: { quality, aspectRatio, referenceImages },
          ticketCost: 1,
          priority: 0,
        })
        return NextResponse.json({
          queued: true,
          queueId,
          position,
          message: `Generation queued at position ${position}`,
        })
      }
      return NextResponse.json({ queued: false })
    },
    async process(queueId: number, prompt: string) {
      await startProcessing(queueId)
      try {
        const imageUrl = await generateImage(prompt)
        await completeGeneration(queueId, imageUrl)
        return NextResponse.json({ imageUrl })
      } catch (error) {
        await failGeneration(queueId, (error as Error).message)
        return NextResponse.json({ error: (error as Error).message }, { status: 500 })
      }
    },
  }
}

describe('the guide', () => {
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

  const post = (model = 'flux-2-pro') =>
    new Request('https://app.example/api/generate', {
      method: 'POST',
      body: JSON.stringify({ prompt: 'a lighthouse', model, userId: 'ada', quality: 'high' }),
    })

  it('queues at a position when no slot is free, and completes with captured tickets', async () => {
    const { POST, process } = guideRoute(lib, async () => 'https://img.example/1.png')
    expect(await (await POST(post())).json()).toEqual({ queued: false })
    const busy = await queue.submit({ userId: 'ada', modelId: 'flux-2-pro', prompt: 'first' })
    const queued = await (await POST(post())).json()
    expect(queued).toMatchObject({ queued: true, position: 1, message: 'Generation queued at position 1' })
    await expect(lib.startProcessing(queued.queueId)).rejects.toMatchObject({ code: 'LIMIT_REACHED' })
    await lib.completeGeneration(busy.queueId, 'https://img.example/0.png')
    expect(await (await process(queued.queueId, 'a lighthouse')).json()).toEqual({
      imageUrl: 'https://img.example/1.png',
    })
    expect(await lib.getQueueStatus(queued.queueId)).toMatchObject({
      status: 'completed',
      resultUrl: 'https://img.example/1.png',
    })
    expect(await queue.tickets.account('ada')).toMatchObject({ balance: 8, reserved: 0 })
  })

  it('refunds what fails, and retries it', async () => {
    const { process } = guideRoute(lib, async () => {
      throw new Error('no paint')
    })
    const { queueId } = await lib.queueGeneration({
      userId: 'ada',
      modelId: 'flux-2-pro',
      prompt: 'x',
      ticketCost: 4,
    })
    expect((await process(queueId, 'x')).status).toBe(500)
    expect(await lib.getQueueStatus(queueId)).toMatchObject({ status: 'failed', errorMessage: 'no paint' })
    expect(await queue.tickets.account('ada')).toMatchObject({ balance: 10, reserved: 0 })
    await lib.retryGeneration(queueId)
    expect(await lib.cancelGeneration(queueId, 'enough')).toMatchObject({
      status: 'cancelled',
      errorMessage: 'enough',
    })
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
