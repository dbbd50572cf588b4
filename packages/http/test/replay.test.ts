import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { ask, openSite, SECRET, type Site } from './support.js'

const TIMES = 4

/** The same request again: sent twice by a nervous finger, repeated by a proxy, or recorded by somebody. */
describe('a replayed request', () => {
  let site: Site
  let queueId: number
  beforeEach(async () => {
    site = await openSite()
    queueId = (await site.queue.enqueue(ask({ ticketCost: 7 }))).queueId
  })
  afterEach(() => site.queue.close())
  const account = () => site.queue.tickets.account('ada')
  /** At the same time and one after the other. */
  const replay = async (method: string, path: string, as: string, body?: unknown) => {
    const send = () => site.call(method, path, { as, body })
    const answers = await Promise.all(Array.from({ length: TIMES }, send))
    return [...answers, await send()].map(({ status }) => status)
  }

  it('cancel refunds once', async () => {
    expect(await replay('POST', `/api/queue/cancel/${queueId}`, 'ada')).toEqual([200, 200, 200, 200, 200])
    expect(await account()).toMatchObject({ balance: 100, reserved: 0 })
    expect((await site.queue.tickets.history('ada', { queueId })).entries.map(({ kind }) => kind)).toEqual([
      'refund',
      'reserve',
    ])
  })

  it('retry reserves once', async () => {
    await site.queue.cancel(queueId)
    const statuses = await replay('POST', `/api/admin/queue/items/${queueId}/retry`, 'root')
    expect(statuses.toSorted()).toEqual([200, 409, 409, 409, 409])
    expect(await account()).toMatchObject({ balance: 100, reserved: 7 })
  })

  it('cancel and retry against each other end in one of the two, with its tickets', async () => {
    await Promise.all([
      replay('POST', `/api/queue/cancel/${queueId}`, 'ada'),
      replay('POST', `/api/admin/queue/items/${queueId}/retry`, 'root'),
    ])
    const { status } = await site.queue.status(queueId)
    expect(await account()).toMatchObject({ balance: 100, reserved: status === 'queued' ? 7 : 0 })
    expect(await site.queue.verify()).toMatchObject({ ok: true })
  })

  it('a grant under an id counts once; the same id with another amount is a conflict', async () => {
    const path = '/api/admin/queue/tickets/ada'
    expect(await replay('POST', path, 'root', { amount: 5, id: 'order-1' })).toEqual([
      200, 200, 200, 200, 200,
    ])
    expect(await account()).toMatchObject({ balance: 105 })
    expect(await site.call('POST', path, { as: 'root', body: { amount: 50, id: 'order-1' } })).toMatchObject({
      status: 409,
      body: { error: { code: 'IDEMPOTENCY_CONFLICT' } },
    })
    expect(await account()).toMatchObject({ balance: 105 })
  })

  it('a revocation under an id counts once', async () => {
    await replay('POST', '/api/admin/queue/tickets/bob', 'root', { amount: -30, id: 'chargeback-1' })
    expect(await site.queue.tickets.account('bob')).toMatchObject({ balance: 70 })
  })

  it('a limit stays what it was set to', async () => {
    const body = { modelId: 'm', maxConcurrent: 3 }
    expect(await replay('PUT', '/api/admin/queue/limits', 'root', body)).toEqual([200, 200, 200, 200, 200])
    expect(await site.queue.limits.get('m')).toMatchObject({ maxConcurrent: 3, active: 0 })
  })

  it('clearing and repairing again find nothing left', async () => {
    await site.queue.cancel(queueId)
    await replay('POST', '/api/admin/queue/clear-completed', 'root')
    await replay('POST', '/api/admin/queue/health', 'root', { dryRun: false })
    expect(await site.queue.list()).toMatchObject({ generations: [] })
    expect(await site.queue.verify()).toMatchObject({ ok: true })
  })

  it('drain runs each generation once', async () => {
    const send = () =>
      site.call('POST', '/api/queue/drain', { headers: { authorization: `Bearer ${SECRET}` } })
    const answers = await Promise.all(Array.from({ length: TIMES }, send))
    const completed = answers.map(({ body }) => (body as unknown as { completed: number }).completed)
    expect(completed.reduce((sum, count) => sum + count, 0)).toBe(1)
    expect(await account()).toMatchObject({ balance: 93, reserved: 0 })
  })
})
