import { createQueue } from '@genqueue/core'
import { createQueueHandler, type QueueHandlerOptions } from '@genqueue/http'
import { memoryStorage } from '@genqueue/memory'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { ask, type CallOptions, openSite, SECRET, type Site } from './support.js'

/**
 * Generation 1 is ada's and waits; every attack must leave the books as they were. Sessions and emails that pretend are in
 * identity.test.ts, bodies, markup, costs and result addresses in bodies.test.ts, the same request again in
 * replay.test.ts, and what a browser makes of all that in browser/safety.test.ts.
 */
const ATTACKS: [
  what: string,
  method: string,
  path: string,
  options: CallOptions,
  status: number,
  code: string,
][] = [
  ['status without a session', 'GET', '/api/queue/status/1', {}, 401, 'UNAUTHENTICATED'],
  ['a made-up session', 'GET', '/api/queue/status/1', { as: 'mallory' }, 401, 'UNAUTHENTICATED'],
  ["another user's status", 'GET', '/api/queue/status/1', { as: 'bob' }, 404, 'GENERATION_NOT_FOUND'],
  [
    'an id that is not there, the same answer',
    'GET',
    '/api/queue/status/2',
    { as: 'bob' },
    404,
    'GENERATION_NOT_FOUND',
  ],
  ["cancelling another's", 'POST', '/api/queue/cancel/1', { as: 'bob' }, 404, 'GENERATION_NOT_FOUND'],
  ['an id of letters', 'GET', '/api/queue/status/abc', { as: 'ada' }, 400, 'VALIDATION'],
  ['an id of NaN', 'GET', '/api/queue/status/NaN', { as: 'ada' }, 400, 'VALIDATION'],
  ['a negative id', 'GET', '/api/queue/status/-1', { as: 'ada' }, 400, 'VALIDATION'],
  ['a fractional id', 'GET', '/api/queue/status/1.5', { as: 'ada' }, 400, 'VALIDATION'],
  ['an endless id', 'GET', `/api/queue/status/${'9'.repeat(400)}`, { as: 'ada' }, 400, 'VALIDATION'],
  ['an id of broken escapes', 'GET', '/api/queue/status/%E0%A4%A', { as: 'ada' }, 400, 'VALIDATION'],
  [
    'a write from another site',
    'POST',
    '/api/queue/cancel/1',
    { as: 'ada', headers: { origin: 'https://evil.example' } },
    403,
    'FORBIDDEN',
  ],
  [
    'a write from a look-alike',
    'POST',
    '/api/queue/cancel/1',
    { as: 'ada', headers: { origin: 'https://app.example.evil.example' } },
    403,
    'FORBIDDEN',
  ],
  [
    'a write from an opaque origin',
    'POST',
    '/api/queue/cancel/1',
    { as: 'ada', headers: { origin: 'null' } },
    403,
    'FORBIDDEN',
  ],
  [
    'a write by an admin from another site',
    'PUT',
    '/api/admin/queue/limits',
    { as: 'root', headers: { origin: 'https://evil.example' }, body: { modelId: 'm', maxConcurrent: 9 } },
    403,
    'FORBIDDEN',
  ],
  ['admin without a session', 'GET', '/api/admin/queue/stats', {}, 401, 'UNAUTHENTICATED'],
  ['admin as a user', 'GET', '/api/admin/queue/stats', { as: 'ada' }, 403, 'FORBIDDEN'],
  [
    'a forged admin email in a header',
    'GET',
    '/api/admin/queue/items',
    { as: 'ada', headers: { 'x-user-email': 'admin@example.com', email: 'admin@example.com' } },
    403,
    'FORBIDDEN',
  ],
  [
    'a forged admin email in the query',
    'GET',
    '/api/admin/queue/items?email=admin@example.com&admin=true',
    { as: 'ada' },
    403,
    'FORBIDDEN',
  ],
  [
    'granting oneself tickets',
    'POST',
    '/api/admin/queue/tickets/ada',
    { as: 'ada', body: { amount: 1_000 } },
    403,
    'FORBIDDEN',
  ],
  [
    'a limit of 0',
    'PUT',
    '/api/admin/queue/limits',
    { as: 'root', body: { modelId: 'm', maxConcurrent: 0 } },
    400,
    'VALIDATION',
  ],
  [
    'a limit of 51',
    'PUT',
    '/api/admin/queue/limits',
    { as: 'root', body: { modelId: 'm', maxConcurrent: 51 } },
    400,
    'VALIDATION',
  ],
  [
    'a limit of -1',
    'PUT',
    '/api/admin/queue/limits',
    { as: 'root', body: { modelId: 'm', maxConcurrent: -1 } },
    400,
    'VALIDATION',
  ],
  [
    'a limit of 1.5',
    'PUT',
    '/api/admin/queue/limits',
    { as: 'root', body: { modelId: 'm', maxConcurrent: 1.5 } },
    400,
    'VALIDATION',
  ],
  [
    'a limit in words',
    'PUT',
    '/api/admin/queue/limits',
    { as: 'root', body: { modelId: 'm', maxConcurrent: '5' } },
    400,
    'VALIDATION',
  ],
  [
    'an unknown field',
    'PUT',
    '/api/admin/queue/limits',
    { as: 'root', body: { modelId: 'm', maxConcurrent: 5, active: 0 } },
    400,
    'VALIDATION',
  ],
  [
    'a prototype for a field',
    'PUT',
    '/api/admin/queue/limits',
    { as: 'root', raw: '{"__proto__":{"modelId":"m"},"maxConcurrent":5}' },
    400,
    'VALIDATION',
  ],
  [
    'half a ticket',
    'POST',
    '/api/admin/queue/tickets/ada',
    { as: 'root', body: { amount: 0.5 } },
    400,
    'VALIDATION',
  ],
  [
    'no tickets',
    'POST',
    '/api/admin/queue/tickets/ada',
    { as: 'root', body: { amount: 0 } },
    400,
    'VALIDATION',
  ],
  [
    'revoking more than is there',
    'POST',
    '/api/admin/queue/tickets/ada',
    { as: 'root', body: { amount: -1_000 } },
    402,
    'INSUFFICIENT_TICKETS',
  ],
  ['broken JSON', 'PUT', '/api/admin/queue/limits', { as: 'root', raw: '{"modelId":' }, 400, 'VALIDATION'],
  ['a list for a body', 'PUT', '/api/admin/queue/limits', { as: 'root', raw: '[]' }, 400, 'VALIDATION'],
  [
    'a body of a megabyte',
    'PUT',
    '/api/admin/queue/limits',
    { as: 'root', raw: 'x'.repeat(1_000_000) },
    400,
    'VALIDATION',
  ],
  ['a page of a million', 'GET', '/api/admin/queue/items?limit=1000000', { as: 'root' }, 400, 'VALIDATION'],
  ['an unknown status', 'GET', '/api/admin/queue/items?status=sleeping', { as: 'root' }, 400, 'VALIDATION'],
  [
    'a filter given twice',
    'GET',
    '/api/admin/queue/items?status=queued&status=failed',
    { as: 'root' },
    400,
    'VALIDATION',
  ],
  [
    'retrying what waits',
    'POST',
    '/api/admin/queue/items/1/retry',
    { as: 'root' },
    409,
    'INVALID_TRANSITION',
  ],
  ['draining without the secret', 'POST', '/api/queue/drain', { as: 'root' }, 401, 'UNAUTHENTICATED'],
  [
    'draining with another secret',
    'POST',
    '/api/queue/drain',
    { headers: { authorization: `Bearer ${SECRET}x` } },
    403,
    'FORBIDDEN',
  ],
  [
    'draining with half of it',
    'POST',
    '/api/queue/drain',
    { headers: { authorization: `Bearer ${SECRET.slice(0, 9)}` } },
    403,
    'FORBIDDEN',
  ],
  ['a write by GET', 'GET', '/api/queue/cancel/1', { as: 'ada' }, 405, 'METHOD_NOT_ALLOWED'],
  ['a path that leads out', 'GET', '/api/admin/queue/../../secret', { as: 'root' }, 404, 'NOT_FOUND'],
  ['nothing', 'GET', '/api/queue', { as: 'ada' }, 404, 'NOT_FOUND'],
]

describe('attacks', () => {
  let site: Site
  beforeEach(async () => {
    site = await openSite()
    await site.queue.enqueue(ask({ ticketCost: 7 }))
  })
  afterEach(() => site.queue.close())
  const picture = async () =>
    JSON.stringify([
      await site.queue.list(),
      await site.queue.limits.list(),
      await site.queue.tickets.account('ada'),
    ])

  it.each(ATTACKS)('%s', async (_what, method, path, options, status, code) => {
    const before = await picture()
    const answer = await site.call(method, path, options)
    expect([answer.status, answer.body.error?.code]).toEqual([status, code])
    expect(answer.headers.get('cache-control')).toBe('no-store')
    expect(JSON.stringify(answer.body)).not.toContain('lighthouse')
    expect(await picture()).toBe(before)
  })

  it('a replayed grant counts once', async () => {
    const grant = { as: 'root', body: { amount: 5, id: 'order-1' } }
    for (let i = 0; i < 3; i++) await site.call('POST', '/api/admin/queue/tickets/ada', grant)
    expect(await site.queue.tickets.account('ada')).toMatchObject({ balance: 105 })
  })

  it('an error of the storage or of identify says nothing of itself', async () => {
    const leaky = await openSite({
      identify: () => {
        throw new Error('connect ECONNREFUSED postgres://user:secret@db')
      },
    })
    const answer = await leaky.call('GET', '/api/queue/mine', { as: 'ada' })
    expect(answer).toMatchObject({
      status: 500,
      body: { error: { code: 'INTERNAL', message: 'something went wrong' } },
    })
    const closed = await openSite()
    await closed.queue.close()
    expect(await closed.call('GET', '/api/queue/mine', { as: 'ada' })).toMatchObject({
      status: 503,
      body: { error: { code: 'CLOSED' } },
    })
  })
})

describe('a handler', () => {
  const closedDoors: [string, unknown][] = [
    ['nothing', undefined],
    ['no identify', {}],
    ['an identify that is none', { identify: true }],
    ['a short secret', { identify: () => null, cronSecret: 'short' }],
    ['an admin without an email', { identify: () => null, adminEmails: ['root'] }],
    ['a path that is none', { identify: () => null, paths: { queue: 'https://evil.example' } }],
  ]
  it.each(closedDoors)('does not start with %s', (_what, options) => {
    const queue = createQueue({ storage: memoryStorage() })
    expect(() => createQueueHandler(queue, options as QueueHandlerOptions)).toThrowError(
      expect.objectContaining({ code: 'VALIDATION' }),
    )
  })

  it('is closed to admins when none is named, and to cron without a secret', async () => {
    const site = await openSite({ adminEmails: [], cronSecret: undefined })
    expect((await site.call('GET', '/api/admin/queue/stats', { as: 'root' })).status).toBe(403)
    expect(
      (await site.call('GET', '/api/queue/drain', { headers: { authorization: 'Bearer undefined' } })).status,
    ).toBe(401)
  })
})
