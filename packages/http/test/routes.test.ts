import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { ask, openSite, SECRET, type Site } from './support.js'

const ISO = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/

describe('what a user sees', () => {
  let site: Site
  beforeEach(async () => {
    site = await openSite()
  })
  afterEach(() => site.queue.close())

  it('status: position and wait, then progress, then the result', async () => {
    const { queueId: first } = await site.queue.submit(ask())
    const { queueId } = await site.queue.enqueue(ask())
    const queued = await site.call('GET', `/api/queue/status/${queueId}`, { as: 'ada' })
    expect(queued.status).toBe(200)
    expect(queued.headers.get('cache-control')).toBe('no-store')
    expect(Number(queued.headers.get('retry-after'))).toBeGreaterThan(0)
    expect(queued.body).toEqual({
      queueId,
      modelId: 'm',
      status: 'queued',
      position: 1,
      estimatedWait: expect.any(Number),
      progress: null,
      resultUrl: null,
      errorMessage: null,
      queuedAt: expect.stringMatching(ISO),
      startedAt: null,
      completedAt: null,
    })
    await site.queue.complete(first, 'https://img.example/0.png')
    const lease = await site.queue.start(queueId)
    await site.queue.heartbeat(queueId, lease, 0.5)
    expect((await site.call('GET', `/api/queue/status/${queueId}`, { as: 'ada' })).body).toMatchObject({
      status: 'processing',
      position: null,
      progress: 0.5,
    })
    await site.queue.complete(queueId, 'https://img.example/1.png', { lease })
    const done = await site.call('GET', `/api/queue/status/${queueId}`, { as: 'ada' })
    expect(done.body).toMatchObject({ status: 'completed', resultUrl: 'https://img.example/1.png' })
    expect(done.headers.get('retry-after')).toBeNull()
  })

  it('status again, unchanged: 304 and no body', async () => {
    const { queueId } = await site.queue.enqueue(ask())
    await site.queue.cancel(queueId)
    const first = await site.call('GET', `/api/queue/status/${queueId}`, { as: 'ada' })
    const tag = first.headers.get('etag') as string
    const again = await site.call('GET', `/api/queue/status/${queueId}`, {
      as: 'ada',
      headers: { 'if-none-match': tag },
    })
    expect([again.status, again.body]).toEqual([304, {}])
  })

  it('own generations in pages, and a cancel with its refund', async () => {
    for (let i = 0; i < 3; i++) await site.queue.enqueue(ask())
    await site.queue.enqueue(ask({ userId: 'bob' }))
    const page = await site.call('GET', '/api/queue/mine?limit=2', { as: 'ada' })
    expect(page.body).toMatchObject({
      generations: [{ queueId: 3, userId: 'ada' }, { queueId: 2 }],
      cursor: 2,
    })
    const rest = await site.call('GET', '/api/queue/mine?limit=2&cursor=2', { as: 'ada' })
    expect(rest.body).toMatchObject({ generations: [{ queueId: 1 }], cursor: null })
    const cancelled = await site.call('POST', '/api/queue/cancel/1', {
      as: 'ada',
      body: { reason: 'enough' },
    })
    expect(cancelled.body).toMatchObject({ status: 'cancelled', errorMessage: 'enough' })
    expect(await site.queue.tickets.account('ada')).toMatchObject({ reserved: 2 })
  })

  it('cron runs what waits, with the secret only', async () => {
    await site.queue.enqueue(ask())
    const answer = await site.call('GET', '/api/queue/drain', {
      headers: { authorization: `Bearer ${SECRET}` },
    })
    expect(answer.body).toMatchObject({ started: 1, completed: 1 })
  })
})

describe('what an admin does', () => {
  let site: Site
  beforeEach(async () => {
    site = await openSite()
  })
  afterEach(() => site.queue.close())
  const admin = (method: string, path: string, body?: unknown) =>
    site.call(method, `/api/admin/queue${path}`, { as: 'root', body })

  it('limits: the first look creates what is missing, an edit takes effect', async () => {
    expect((await admin('GET', '/limits')).body).toMatchObject({
      limits: [
        { modelId: 'm', maxConcurrent: 1, active: 0, paused: false, updatedAt: expect.stringMatching(ISO) },
      ],
    })
    expect(
      (await admin('PUT', '/limits', { modelId: 'm', maxConcurrent: 50, paused: true })).body,
    ).toMatchObject({ maxConcurrent: 50, paused: true })
    for (const method of ['GET', 'POST']) {
      expect((await admin(method, '/initialize')).body).toMatchObject({
        limits: [{ modelId: 'm', maxConcurrent: 50 }],
      })
    }
  })

  it('items: filters, detail with ledger and timeline, cancel, retry, clear', async () => {
    const { queueId } = await site.queue.enqueue(ask({ ticketCost: 5 }))
    await site.queue.enqueue(ask({ userId: 'bob', prompt: 'a Sheep' }))
    expect((await admin('GET', '/items?text=sheep')).body).toMatchObject({
      items: [{ queueId: 2, position: 2 }],
      cursor: null,
    })
    expect((await admin('GET', '/items?status=queued,processing&userId=ada&modelId=m')).body).toMatchObject({
      items: [{ queueId }],
    })
    const detail = await admin('GET', `/items/${queueId}`)
    expect(detail.body).toMatchObject({
      item: { queueId, timeline: [{ event: 'admit' }] },
      position: 1,
      ledger: [{ kind: 'reserve', amount: 5, at: expect.stringMatching(ISO) }],
    })
    expect((await admin('POST', `/items/${queueId}/cancel`)).body).toMatchObject({ status: 'cancelled' })
    expect(await site.queue.tickets.account('ada')).toMatchObject({ reserved: 0 })
    expect((await admin('POST', `/items/${queueId}/retry`)).body).toMatchObject({ status: 'queued' })
    await admin('POST', `/items/${queueId}/cancel`, { reason: 'again' })
    expect((await admin('POST', '/clear-completed')).body).toEqual({ removed: 1 })
  })

  it('stats, tickets and health', async () => {
    await site.queue.enqueue(ask())
    expect((await admin('GET', '/stats')).body).toMatchObject({
      at: expect.stringMatching(ISO),
      hours: [{ modelId: 'm', hour: expect.stringMatching(ISO), admitted: 1 }],
      queued: 1,
      models: [{ modelId: 'm', waiting: 1 }],
    })
    expect(
      (await admin('POST', '/tickets/ada', { amount: 5, id: 'gift', memo: 'sorry' })).body,
    ).toMatchObject({ account: { balance: 105 } })
    expect((await admin('POST', '/tickets/ada', { amount: -4, id: 'oops' })).body).toMatchObject({
      account: { balance: 101 },
    })
    expect((await admin('GET', '/tickets/ada?limit=1')).body).toMatchObject({
      account: { available: 100 },
      entries: [{ kind: 'revoke', amount: 4 }],
    })
    expect((await admin('GET', '/health')).body).toMatchObject({
      ok: true,
      at: expect.stringMatching(ISO),
      findings: [],
    })
    expect((await admin('POST', '/health', {})).body).toMatchObject({ dryRun: true })
  })
})
