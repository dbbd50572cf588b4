import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { getRequestListener } from '@hono/node-server'
import express from 'express'
import { Hono } from 'hono'
import { describe, expect, it } from 'vitest'
import { ask, openSite } from './support.js'

async function serving<Result>(
  listener: RequestListener,
  visit: (base: string) => Promise<Result>,
): Promise<Result> {
  const server = createServer(listener)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  try {
    return await visit(`http://127.0.0.1:${(server.address() as AddressInfo).port}`)
  } finally {
    server.closeAllConnections()
    server.close()
  }
}

/** The whole of what each framework needs, as docs/http.md shows it. */
describe('one handler in every framework', () => {
  const visit = async (base: string) => {
    const headers = { cookie: 'ada', origin: base }
    const status = await fetch(`${base}/api/queue/status/1`, { headers })
    const cancel = await fetch(`${base}/api/queue/cancel/1`, {
      method: 'POST',
      headers,
      body: '{"reason":"enough"}',
    })
    const foreign = await fetch(`${base}/api/queue/cancel/1`, {
      method: 'POST',
      headers: { ...headers, origin: 'https://evil.example' },
    })
    return [
      status.status,
      (await status.json()).position,
      cancel.status,
      (await cancel.json()).errorMessage,
      foreign.status,
    ]
  }
  const expected = [200, 1, 200, 'enough', 403]

  it('Hono', async () => {
    const { queue, handler } = await openSite()
    await queue.enqueue(ask())
    const app = new Hono()
    app.all('/api/*', (context) => handler(context.req.raw))
    expect(await serving(getRequestListener(app.fetch), visit)).toEqual(expected)
    await queue.close()
  })

  it('Express', async () => {
    const { queue, handler } = await openSite()
    await queue.enqueue(ask())
    const listener = express().use(getRequestListener(handler, { overrideGlobalObjects: false }))
    expect(await serving(listener, visit)).toEqual(expected)
    await queue.close()
  })

  it('plain node:http', async () => {
    const { queue, handler } = await openSite()
    await queue.enqueue(ask())
    expect(await serving(getRequestListener(handler, { overrideGlobalObjects: false }), visit)).toEqual(
      expected,
    )
    await queue.close()
  })
})
