import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { getRequestListener } from '@hono/node-server'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { app as expressApp } from './examples/express.js'
import fetchServer from './examples/fetch.js'
import { app as honoApp } from './examples/hono.js'
import { GET, POST, PUT } from './examples/next.js'
import { server as nodeServer } from './examples/node.js'
import { poll, type Status } from './examples/poll.js'
import { queue } from './examples/queue.js'

const request = { userId: 'ada', modelId: 'flux-2-pro', prompt: 'a lighthouse' }

async function serving<Result>(
  listener: RequestListener,
  visit: (send: typeof fetch, base: string) => Promise<Result>,
): Promise<Result> {
  const server = createServer(listener)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  try {
    return await visit(fetch, `http://127.0.0.1:${(server.address() as AddressInfo).port}`)
  } finally {
    server.closeAllConnections()
    server.close()
  }
}

/** A status, a cancel with a body, a write from elsewhere, the admin's page, its files and API, and a path that is none. */
async function visit(send: typeof fetch, base: string) {
  const { queueId } = await queue.enqueue(request)
  const ask = (path: string, options: { as?: string; origin?: string; body?: string } = {}) => {
    const { as = 'ada', origin = base, body } = options
    return send(`${base}${path}`, {
      headers: { cookie: `session=${as}`, origin },
      ...(body === undefined ? {} : { method: 'POST', body }),
    })
  }
  const cancel = `/api/queue/cancel/${queueId}`
  const status = (await (await ask(`/api/queue/status/${queueId}`)).json()) as Status
  const foreign = await ask(cancel, { origin: 'https://evil.example', body: '{}' })
  const cancelled = (await (await ask(cancel, { body: '{"reason":"enough"}' })).json()) as object
  const page = await ask('/admin/queue', { as: 'admin' })
  const [, script = ''] = /src="([^"]+main\.js)"/.exec(await page.text()) ?? []
  return {
    position: status.position,
    foreign: foreign.status,
    cancelled,
    admin: [page.status, (await ask(script, { as: 'admin' })).status],
    stats: (await ask('/api/admin/queue/stats', { as: 'admin' })).status,
    others: [
      (await ask('/admin/queue')).status,
      (await ask('/api/admin/queue/stats')).status,
      (await ask('/api/queue/nothing')).status,
    ],
  }
}

const EXPECTED = {
  position: 1,
  foreign: 403,
  cancelled: expect.objectContaining({ status: 'cancelled', errorMessage: 'enough' }),
  admin: [200, 200],
  stats: 200,
  others: [403, 403, 404],
}

/** The code of docs/http.md (docs.test.ts compares them), served for real. */
describe('one handler in every framework', () => {
  beforeAll(async () => {
    await queue.tickets.grant('ada', 100)
  })
  afterAll(() => queue.close())

  it('Next.js: route files export it', async () => {
    const routes = { GET, POST, PUT }
    const send = async (input: string | URL | Request, init?: RequestInit) => {
      const incoming = new Request(input, init)
      return routes[incoming.method as keyof typeof routes](incoming)
    }
    expect(await visit(send, 'https://app.example')).toEqual(EXPECTED)
  })

  it('Hono', async () => {
    expect(await serving(getRequestListener(honoApp.fetch), visit)).toEqual(EXPECTED)
  })

  it('Express', async () => {
    expect(await serving(expressApp, visit)).toEqual(EXPECTED)
  })

  it('plain node:http', async () => {
    await new Promise<void>((resolve) => nodeServer.listen(0, '127.0.0.1', resolve))
    const { port } = nodeServer.address() as AddressInfo
    expect(await visit(fetch, `http://127.0.0.1:${port}`)).toEqual(EXPECTED)
    nodeServer.closeAllConnections()
    nodeServer.close()
  })

  it('Bun and Deno: an object with fetch', async () => {
    const send = async (input: string | URL | Request, init?: RequestInit) =>
      fetchServer.fetch(new Request(input, init))
    expect(await visit(send, 'https://app.example')).toEqual(EXPECTED)
  })

  it('polling asks until nothing more is to come', async () => {
    const { queueId } = await queue.enqueue(request)
    const statuses: string[] = []
    const outcome = await serving(
      getRequestListener((incoming) =>
        fetchServer.fetch(
          new Request(incoming.url, {
            headers: { ...Object.fromEntries(incoming.headers), cookie: 'session=ada' },
          }),
        ),
      ),
      (_send, base) =>
        poll(`${base}/api/queue/status/${queueId}`, ({ status }) => {
          statuses.push(status)
          if (status === 'queued')
            void queue
              .start(queueId)
              .then((lease) => queue.complete(queueId, 'https://img.example/1.png', { lease }))
        }),
    )
    expect(statuses).toEqual(['queued', 'completed'])
    expect(outcome.resultUrl).toBe('https://img.example/1.png')
  })
})
