import { createQueue, DEFAULT_MODELS } from '@genqueue/core'
import { memoryStorage } from '@genqueue/memory'
import { describe, expect, it } from 'vitest'
import { ask, openQueue, silent } from './support/queue.js'

const URL_1 = 'https://img.example/1.png'

describe('a queue', () => {
  it('creates the nine default limits by itself and never overwrites an operator', async () => {
    const storage = memoryStorage()
    const first = createQueue({ storage, logger: silent })
    expect(await first.canProcess('nano-banana')).toBe(true)
    expect(
      (await first.limits.list()).map(({ modelId, modelType, maxConcurrent }) => ({
        modelId,
        modelType,
        maxConcurrent,
      })),
    ).toEqual([...DEFAULT_MODELS].sort((a, b) => (a.modelId < b.modelId ? -1 : 1)))
    await first.limits.set('flux-2-pro', { maxConcurrent: 7 })
    await first.limits.initialize()
    const second = createQueue({ storage, logger: silent })
    expect((await second.limits.get('flux-2-pro'))?.maxConcurrent).toBe(7)
  })

  it('queues, claims, completes and captures', async () => {
    const queue = await openQueue()
    const { queueId, position, estimatedWait, duplicate } = await queue.enqueue(ask({ ticketCost: 3 }))
    expect({ position, estimatedWait, duplicate }).toEqual({
      position: 1,
      estimatedWait: 0,
      duplicate: false,
    })
    expect(await queue.tickets.account('ada')).toMatchObject({ balance: 100, reserved: 3, available: 97 })
    const [claimed] = await queue.claim()
    expect(claimed).toMatchObject({
      queueId,
      status: 'processing',
      attempt: 1,
      prompt: 'a lighthouse in the fog',
    })
    const done = await queue.complete(
      queueId,
      { resultUrl: URL_1, ticketsUsed: 2 },
      { lease: claimed?.lease },
    )
    expect(done).toMatchObject({ status: 'completed', resultUrl: URL_1, ticketsUsed: 2 })
    expect(await queue.tickets.account('ada')).toMatchObject({ balance: 98, reserved: 0 })
    const { entries } = await queue.tickets.history('ada')
    expect(entries.map(({ kind, amount }) => [kind, amount])).toEqual([
      ['refund', 1],
      ['capture', 2],
      ['reserve', 3],
      ['grant', 100],
    ])
    expect(await queue.verify()).toMatchObject({ ok: true, findings: [] })
  })

  it('submits into a free slot, and behind those who wait otherwise', async () => {
    const queue = await openQueue()
    const first = await queue.submit(ask({ modelId: 'one' }))
    expect(first).toMatchObject({ status: 'processing', lease: { attempt: 1 } })
    expect(await queue.canProcess('one')).toBe(false)
    const second = await queue.submit(ask({ modelId: 'one' }))
    expect(second).toMatchObject({ status: 'queued', position: 1 })
    await queue.complete(first.queueId, URL_1)
    // The slot is free, but somebody waits for it.
    expect(await queue.canProcess('one')).toBe(false)
    expect(await queue.submit(ask({ modelId: 'one' }))).toMatchObject({ status: 'queued', position: 2 })
  })

  it('starts one by hand only within the free slots its order gives it', async () => {
    const queue = await openQueue()
    const ids = []
    for (let i = 0; i < 3; i++) ids.push((await queue.enqueue(ask())).queueId)
    await expect(queue.start(ids[2] as number)).rejects.toMatchObject({ code: 'LIMIT_REACHED' })
    expect(await queue.start(ids[1] as number)).toMatchObject({ queueId: ids[1], attempt: 1 })
    await queue.start(ids[0] as number)
    await expect(queue.start(ids[2] as number)).rejects.toMatchObject({ code: 'LIMIT_REACHED' })
  })

  it('gives the same generation for the same key, and refuses another payload under it', async () => {
    const queue = await openQueue()
    const request = ask({ idempotencyKey: 'order-1', parameters: { a: 1, b: { c: 2 } } })
    const [first, second] = await Promise.all([queue.enqueue(request), queue.enqueue(request)])
    expect(second.queueId).toBe(first.queueId)
    expect([first.duplicate, second.duplicate].sort()).toEqual([false, true])
    const reordered = ask({ idempotencyKey: 'order-1', parameters: { b: { c: 2 }, a: 1 } })
    expect(await queue.enqueue(reordered)).toMatchObject({ duplicate: true, queueId: first.queueId })
    await expect(queue.enqueue({ ...request, prompt: 'another' })).rejects.toMatchObject({
      code: 'IDEMPOTENCY_CONFLICT',
    })
    expect((await queue.tickets.account('ada')).reserved).toBe(1)
  })

  it('cancels once, refunds once, and says the same when asked again', async () => {
    const queue = await openQueue()
    const { queueId } = await queue.enqueue(ask({ ticketCost: 5 }))
    expect(await queue.cancel(queueId, { reason: 'changed my mind' })).toMatchObject({
      status: 'cancelled',
      errorMessage: 'changed my mind',
    })
    expect(await queue.cancel(queueId)).toMatchObject({ status: 'cancelled' })
    expect(await queue.tickets.account('ada')).toMatchObject({ balance: 100, reserved: 0 })
    await expect(queue.complete(queueId, URL_1)).rejects.toMatchObject({ code: 'INVALID_TRANSITION' })
    expect(await queue.retry(queueId)).toMatchObject({ status: 'queued', attempt: 0, errorMessage: null })
    expect((await queue.tickets.account('ada')).reserved).toBe(5)
  })

  it('answers the replay of the settle that won, and refuses a stale lease', async () => {
    const queue = await openQueue()
    const { queueId } = await queue.enqueue(ask())
    const [claimed] = await queue.claim()
    const lease = claimed?.lease
    await queue.fail(queueId, new Error('boom'), { lease, retry: true })
    const [again] = await queue.claim().then((rows) => (rows.length ? rows : queue.claim()))
    if (again !== undefined) {
      await expect(queue.complete(queueId, URL_1, { lease })).rejects.toMatchObject({ code: 'LEASE_LOST' })
      await queue.complete(queueId, URL_1, { lease: again.lease })
      expect(await queue.complete(queueId, URL_1, { lease: again.lease })).toMatchObject({
        status: 'completed',
      })
    }
    expect(await queue.verify()).toMatchObject({ ok: true })
  })

  it('works without tickets', async () => {
    const queue = createQueue({ storage: memoryStorage(), tickets: false, models: { m: 1 }, logger: silent })
    const { queueId } = await queue.enqueue(ask({ userId: 'nobody', ticketCost: 1_000 }))
    expect(await queue.get(queueId)).toMatchObject({ ticketCost: 0 })
  })

  it('creates unknown models when told to', async () => {
    const queue = await openQueue({ unknownModel: { maxConcurrent: 4, modelType: 'video' } })
    await queue.enqueue(ask({ modelId: 'brand-new' }))
    expect(await queue.limits.get('brand-new')).toMatchObject({ maxConcurrent: 4, modelType: 'video' })
  })

  it('emits what happens, and a listener that throws harms nobody', async () => {
    const queue = await openQueue()
    const seen: string[] = []
    const errors: string[] = []
    queue.on('error', (error) => errors.push(error.code))
    queue.on('queued', () => {
      throw new Error('a broken listener')
    })
    for (const name of ['queued', 'started', 'completed', 'failed', 'cancelled', 'limitChanged'] as const) {
      queue.on(name, () => seen.push(name))
    }
    const { queueId } = await queue.enqueue(ask())
    await queue.claim()
    await queue.complete(queueId, URL_1)
    await queue.limits.set('m', { paused: true })
    expect(seen).toEqual(['started', 'completed', 'limitChanged'])
    expect(errors).toHaveLength(1)
  })

  it('reports statistics from rollups', async () => {
    const queue = await openQueue()
    const { queueId } = await queue.enqueue(ask())
    await queue.enqueue(ask())
    await queue.claim()
    await queue.complete(queueId, URL_1)
    const stats = await queue.stats()
    expect(stats).toMatchObject({ queued: 1, processing: 0, completed: 1, failed: 0, cancelled: 0 })
    const model = stats.models.find(({ modelId }) => modelId === 'm')
    expect(model).toMatchObject({ active: 0, waiting: 1, atCapacity: false })
    expect(stats.hours.reduce((sum, hour) => sum + hour.completed, 0)).toBe(1)
    expect(stats.waitMsP50).not.toBeNull()
  })

  it('clears what is settled, in any number', async () => {
    const queue = await openQueue()
    await queue.tickets.grant('ada', 2_000)
    const results = await queue.enqueueMany(Array.from({ length: 1_500 }, () => ask()))
    await Promise.all(results.map((result) => (result.ok ? queue.cancel(result.queueId) : null)))
    expect(await queue.clear()).toEqual({ removed: 1_500 })
    expect((await queue.list()).generations).toEqual([])
  })

  it('lets calls through that were made before it closed', async () => {
    const queue = await openQueue()
    const calls = [queue.enqueue(ask()), queue.enqueue(ask({ modelId: 'one' }))]
    const closing = queue.close()
    await expect(queue.enqueue(ask())).rejects.toMatchObject({ code: 'CLOSED' })
    const outcomes = await Promise.allSettled(calls)
    expect(outcomes.map((outcome) => outcome.status)).toEqual(['fulfilled', 'fulfilled'])
    await closing
  })

  it('meets calls after close with CLOSED', async () => {
    const queue = await openQueue()
    await queue.close()
    await queue.close()
    await expect(queue.enqueue(ask())).rejects.toMatchObject({ code: 'CLOSED' })
    await expect(queue.stats()).rejects.toMatchObject({ code: 'CLOSED' })
  })
})

describe('createQueue', () => {
  it.each([
    ['no storage', {}],
    ['a storage that is none', { storage: {} }],
    ['a lease of nothing', { storage: memoryStorage(), leaseMs: 0 }],
    ['an unknown option', { storage: memoryStorage(), leases: 5 }],
    ['a limit above limitMax', { storage: memoryStorage(), models: { m: 51 } }],
    ['a limit of 0', { storage: memoryStorage(), models: { m: 0 } }],
    ['negative retention', { storage: memoryStorage(), retention: { doneMs: -1 } }],
    ['a clock that is none', { storage: memoryStorage(), clock: {} }],
  ])('refuses %s', (_name, options) => {
    expect(() => createQueue(options as never)).toThrowError(expect.objectContaining({ code: 'VALIDATION' }))
  })
})
