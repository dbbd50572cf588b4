import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { ask, ORIGIN, openSite, type Site } from './support.js'

const MARKUP = '<script>alert(1)</script><img src=x onerror=alert(1)>'

describe('bodies and texts', () => {
  let site: Site
  beforeEach(async () => {
    site = await openSite()
    await site.queue.enqueue(ask({ prompt: MARKUP }))
  })
  afterEach(() => site.queue.close())

  const MALFORMED: [what: string, raw: string][] = [
    ['half of it', '{"reason":"eno'],
    ['text', 'reason=enough'],
    ['two of them', '{}{}'],
    ['a number for a reason', '{"reason":1}'],
    ['nothing for a reason', '{"reason":null}'],
    ['a list', '[]'],
    ['null', 'null'],
    ['a field too many', '{"reason":"x","ticketsUsed":0}'],
    ['a prototype', '{"__proto__":{"reason":"x"}}'],
    ['a reason of 501 letters', JSON.stringify({ reason: 'x'.repeat(501) })],
    ['sixteen thousand brackets', '['.repeat(16_000)],
    ['17 kB', JSON.stringify({ reason: 'x'.repeat(17_000) })],
  ]
  it.each(MALFORMED)('cancel with %s is refused and cancels nothing', async (_what, raw) => {
    const answer = await site.call('POST', '/api/queue/cancel/1', { as: 'ada', raw })
    expect([answer.status, answer.body.error?.code]).toEqual([400, 'VALIDATION'])
    expect(answer.body.error?.message.length).toBeLessThan(200)
    expect(await site.queue.status(1)).toMatchObject({ status: 'queued' })
  })

  it('a body without end is read no further than 16 kB', async () => {
    let sent = 0
    let stopped = false
    const endless = new ReadableStream<Uint8Array>({
      pull(controller) {
        sent += 4_096
        controller.enqueue(new Uint8Array(4_096).fill(32))
      },
      cancel() {
        stopped = true
      },
    })
    const response = await site.handler(
      new Request(`${ORIGIN}/api/queue/cancel/1`, {
        method: 'POST',
        headers: { origin: ORIGIN, cookie: 'ada' },
        body: endless,
        duplex: 'half',
      } as RequestInit),
    )
    expect(response.status).toBe(400)
    expect(stopped).toBe(true)
    expect(sent).toBeLessThan(40_000)
  })

  it('markup comes back as the text it is, in answers that no browser reads as a page', async () => {
    const lease = await site.queue.start(1)
    await site.queue.fail(1, MARKUP, { lease, retry: false })
    for (const [path, as] of [
      ['/api/queue/status/1', 'ada'],
      ['/api/queue/mine', 'ada'],
      ['/api/admin/queue/items', 'root'],
      ['/api/admin/queue/items/1', 'root'],
      [`/api/admin/queue/items?text=${encodeURIComponent('<script>')}`, 'root'],
    ] as const) {
      const { headers, text } = await site.call('GET', path, { as })
      expect(headers.get('content-type')).toBe('application/json; charset=utf-8')
      expect(headers.get('x-content-type-options')).toBe('nosniff')
      expect(text).toContain(JSON.stringify(MARKUP))
    }
    const echoed = await site.call('GET', `/api/admin/queue/${encodeURIComponent(MARKUP)}`, { as: 'root' })
    expect([echoed.status, echoed.text.includes('<')]).toEqual([404, false])
  })

  it('a result that is no picture address comes back as text, for the page not to link', async () => {
    const url = 'javascript:alert(document.cookie)'
    await site.queue.complete(1, url, { lease: await site.queue.start(1) })
    const { headers, body } = await site.call('GET', '/api/queue/status/1', { as: 'ada' })
    expect(body).toMatchObject({ status: 'completed', resultUrl: url })
    expect(headers.get('location')).toBeNull()
    expect(headers.get('link')).toBeNull()
  })

  const COSTS = [-1, -0.5, 0.5, Number.NaN, Number.POSITIVE_INFINITY, 1e16, '1', null, [1], { valueOf: 1 }]
  it.each(COSTS)('%j is no cost, and nothing is reserved for it', async (ticketCost) => {
    const before = await site.queue.tickets.account('ada')
    await expect(site.queue.enqueue(ask({ ticketCost }) as never)).rejects.toMatchObject({
      code: 'VALIDATION',
    })
    expect(await site.queue.tickets.account('ada')).toEqual(before)
    expect((await site.queue.list()).generations).toHaveLength(1)
  })

  const AMOUNTS = [0, 0.5, -0.5, 1e16, '5', null, true, [5]]
  it.each(AMOUNTS)('%j tickets are no amount', async (amount) => {
    const answer = await site.call('POST', '/api/admin/queue/tickets/bob', { as: 'root', body: { amount } })
    expect([answer.status, answer.body.error?.code]).toEqual([400, 'VALIDATION'])
    expect(await site.queue.tickets.account('bob')).toMatchObject({ balance: 100 })
  })
})
