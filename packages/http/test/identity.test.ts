import type { Caller } from '@genqueue/http'
import { describe, expect, it } from 'vitest'
import { ask, openSite } from './support.js'

const ADMIN = '/api/admin/queue/stats'

/** What an app's identify may answer, by mistake or because somebody made it. */
const ANSWERS: [what: string, caller: unknown, status: number][] = [
  ['the email of an admin', { userId: 'x', email: 'admin@example.com' }, 200],
  ['it in other letters and with spaces', { userId: 'x', email: ' ADMIN@Example.com ' }, 200],
  ['an admin by flag', { userId: 'x', admin: true }, 200],
  ['nobody', null, 401],
  ['nothing', undefined, 401],
  ['no id', {}, 401],
  ['an empty id', { userId: '', admin: true }, 401],
  ['an id that is no text', { userId: 7, admin: true }, 401],
  ['a flag in words', { userId: 'x', admin: 'true' }, 403],
  ['a flag of 1', { userId: 'x', admin: 1 }, 403],
  ['a longer domain', { userId: 'x', email: 'admin@example.com.evil.example' }, 403],
  ['a longer name', { userId: 'x', email: 'xadmin@example.com' }, 403],
  ['two addresses', { userId: 'x', email: 'admin@example.com,x@evil.example' }, 403],
  ['a list of addresses', { userId: 'x', email: ['admin@example.com'] }, 403],
  ['a look-alike letter', { userId: 'x', email: 'аdmin@example.com' }, 403],
  ['a zero byte at the end', { userId: 'x', email: 'admin@example.com\u0000' }, 403],
  ['an id that is the email', { userId: 'admin@example.com' }, 403],
]

describe('who is admin', () => {
  it.each(ANSWERS)('%s', async (_what, caller, status) => {
    const site = await openSite({ identify: () => caller as Caller })
    expect((await site.call('GET', ADMIN)).status).toBe(status)
    expect((await site.call('GET', '/admin/queue')).status).toBe(status)
    await site.queue.close()
  })

  const FORGERIES: [what: string, headers: Record<string, string>, query: string][] = [
    ['headers of a proxy', { 'x-forwarded-email': 'admin@example.com', 'x-forwarded-user': 'root' }, ''],
    ['headers of our own invention', { 'x-admin': 'true', 'x-user-id': 'root', admin: 'true' }, ''],
    ['the secret of cron', { authorization: 'Bearer a-secret-of-some-length' }, ''],
    ['a second cookie', { cookie: 'ada; root' }, ''],
    ['the query', {}, '?userId=root&email=admin@example.com&admin=true'],
  ]
  it.each(FORGERIES)('nobody by %s', async (_what, headers, query) => {
    const site = await openSite()
    const { status } = await site.call('GET', `${ADMIN}${query}`, { as: 'ada', headers })
    expect(status === 401 || status === 403).toBe(true)
    await site.queue.close()
  })
})

describe('whose generations', () => {
  it("ids are guessed in vain: every answer about another's is the answer about none", async () => {
    const site = await openSite()
    for (let i = 0; i < 5; i++) await site.queue.enqueue(ask())
    const told = async (method: string, path: string, queueId: number) => {
      const { status, text } = await site.call(method, `${path}/${queueId}`, { as: 'bob' })
      return [status, text.replaceAll(String(queueId), 'N')]
    }
    for (const [method, path] of [
      ['GET', '/api/queue/status'],
      ['POST', '/api/queue/cancel'],
    ] as const) {
      const none = await told(method, path, 999)
      expect(none[0]).toBe(404)
      for (let queueId = 1; queueId <= 5; queueId++) expect(await told(method, path, queueId)).toEqual(none)
    }
    expect(await site.queue.stats()).toMatchObject({ queued: 5 })
    await site.queue.close()
  })

  it('the own list is nobody elses, whatever is asked of it', async () => {
    const site = await openSite()
    await site.queue.enqueue(ask())
    expect((await site.call('GET', '/api/queue/mine?cursor=100', { as: 'bob' })).body).toMatchObject({
      generations: [],
    })
    for (const query of ['userId=ada', 'limit=100000', 'cursor=-1', 'limit=1.5', 'limit=50&limit=60'])
      expect([query, (await site.call('GET', `/api/queue/mine?${query}`, { as: 'bob' })).status]).toEqual([
        query,
        400,
      ])
    await site.queue.close()
  })
})

describe('from where', () => {
  const FOREIGN: [what: string, headers: Record<string, string>][] = [
    ['another site', { origin: 'https://evil.example' }],
    ['another port', { origin: 'https://app.example:8443' }],
    ['a subdomain', { origin: 'https://x.app.example' }],
    ['our name as a user of theirs', { origin: 'https://app.example@evil.example' }],
    ['no address at all', { origin: 'not an address' }],
    ['a sandboxed frame', { origin: 'null' }],
  ]
  it.each(FOREIGN)('a write from %s is refused', async (_what, headers) => {
    const site = await openSite()
    await site.queue.enqueue(ask())
    for (const [method, path, as] of [
      ['POST', '/api/queue/cancel/1', 'ada'],
      ['POST', '/api/admin/queue/items/1/cancel', 'root'],
      ['POST', '/api/admin/queue/clear-completed', 'root'],
      ['POST', '/api/admin/queue/initialize', 'root'],
      ['POST', '/api/admin/queue/health', 'root'],
      ['POST', '/api/admin/queue/tickets/ada', 'root'],
      ['PUT', '/api/admin/queue/limits', 'root'],
    ] as const)
      expect([path, (await site.call(method, path, { as, headers, body: {} })).status]).toEqual([path, 403])
    expect(await site.queue.status(1)).toMatchObject({ status: 'queued' })
    await site.queue.close()
  })

  it('a browser that sends no origin still says when it comes from elsewhere', async () => {
    const site = await openSite()
    await site.queue.enqueue(ask())
    const cancel = (fetchSite: string | null) => {
      const headers = { cookie: 'ada', ...(fetchSite === null ? {} : { 'sec-fetch-site': fetchSite }) }
      return site.handler(new Request('https://app.example/api/queue/cancel/1', { method: 'POST', headers }))
    }
    for (const elsewhere of ['cross-site', 'same-site']) expect((await cancel(elsewhere)).status).toBe(403)
    expect((await cancel('same-origin')).status).toBe(200)
    expect((await cancel(null)).status).toBe(200)
    await site.queue.close()
  })

  it('no other site is let in to read, and none is told that it may', async () => {
    const site = await openSite()
    await site.queue.enqueue(ask())
    for (const [method, status] of [
      ['GET', 200],
      ['OPTIONS', 405],
    ] as const) {
      const answer = await site.call(method, '/api/queue/status/1', {
        as: 'ada',
        headers: { origin: 'https://evil.example', 'access-control-request-method': 'GET' },
      })
      expect(answer.status).toBe(status)
      expect([...answer.headers.keys()].filter((name) => name.startsWith('access-control'))).toEqual([])
    }
    await site.queue.close()
  })
})
