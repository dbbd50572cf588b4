import { createServer, type Server } from 'node:http'
import { createRequire } from 'node:module'
import type { AddressInfo } from 'node:net'
import { dirname, join } from 'node:path'
import { createQueue, type Queue } from '@genqueue/core'
import { createQueueHandler } from '@genqueue/http'
import { memoryStorage } from '@genqueue/memory'
import type { Browser, Page } from 'playwright-core'
import { createElement } from 'react'
import { renderToString } from 'react-dom/server'
import { build } from 'vite'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { launch, noChromium } from '../../../http/test/browser/support/chromium.js'
import { App } from './page.js'

const here = import.meta.dirname
const required = createRequire(import.meta.url)
const REACTS = [
  { major: 18, react: 'react18', dom: 'react-dom18' },
  { major: 19, react: 'react', dom: 'react-dom' },
] as const

/** The page of page.tsx in one script, on one of the two Reacts. */
async function bundle({ react, dom }: (typeof REACTS)[number]): Promise<string> {
  const folder = (name: string) => dirname(required.resolve(`${name}/package.json`))
  const result = await build({
    configFile: false,
    logLevel: 'silent',
    define: { 'process.env.NODE_ENV': '"development"' },
    resolve: {
      alias: [
        { find: /^react-dom/, replacement: folder(dom) },
        { find: /^react(?=$|\/)/, replacement: folder(react) },
      ],
    },
    build: {
      write: false,
      minify: false,
      lib: { entry: join(here, 'page.tsx'), formats: ['iife'], name: 'page' },
    },
  })
  const [output] = [result].flat()
  if (output === undefined || !('output' in output)) throw new Error('the page was not bundled')
  return output.output[0].code
}

async function serve(queue: Queue, script: string): Promise<{ server: Server; url: string }> {
  const handler = createQueueHandler(queue, { identify: async () => ({ userId: 'ada' }) })
  const answer = async (request: Request): Promise<Response> => {
    const { pathname } = new URL(request.url)
    if (pathname === '/') {
      const html = '<!doctype html><title>hooks</title><div id="root"></div><script src="/page.js"></script>'
      return new Response(html, { headers: { 'content-type': 'text/html' } })
    }
    if (pathname === '/page.js')
      return new Response(script, { headers: { 'content-type': 'text/javascript' } })
    if (pathname === '/favicon.ico') return new Response(null, { status: 204 })
    if (pathname !== '/api/generate') return handler(request)
    const { prompt } = (await request.json()) as { prompt: string }
    try {
      const { queueId, position } = await queue.enqueue({ userId: 'ada', modelId: 'm', prompt })
      return Response.json({ queued: true, queueId, position, message: `queued at position ${position}` })
    } catch (error) {
      const { code, message } = error as { code: string; message: string }
      return Response.json({ error: { code, message } }, { status: 402 })
    }
  }
  const server = createServer(async (incoming, outgoing) => {
    const chunks: Buffer[] = []
    for await (const chunk of incoming) chunks.push(chunk as Buffer)
    const { method = 'GET', headers, url = '/' } = incoming
    const request = new Request(`http://${headers.host}${url}`, {
      method,
      headers: new Headers(headers as Record<string, string>),
      ...(chunks.length > 0 ? { body: Buffer.concat(chunks) } : {}),
    })
    const response = await answer(request)
    outgoing.writeHead(response.status, Object.fromEntries(response.headers))
    outgoing.end(Buffer.from(await response.arrayBuffer()))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return { server, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/` }
}

describe.skipIf(noChromium !== null)('the hooks in a real browser', () => {
  let browser: Browser
  beforeAll(async () => {
    browser = await launch()
  })
  afterAll(() => browser?.close())

  describe.each(REACTS)('React $major, strict mode', (react) => {
    let queue: Queue
    let server: Server
    let page: Page
    const troubles: string[] = []
    beforeAll(async () => {
      queue = createQueue({ storage: memoryStorage(), models: { m: 1 } })
      await queue.tickets.grant('ada', 2)
      const served = await serve(queue, await bundle(react))
      server = served.server
      page = await browser.newPage()
      page.on('pageerror', (error) => troubles.push(error.message))
      page.on('console', (message) => {
        // The refusal that a test asks for is logged by the browser itself.
        if (message.type() === 'error' && !message.text().includes('402')) troubles.push(message.text())
      })
      await page.goto(served.url)
    })
    afterAll(async () => {
      await page.close()
      server.close()
      await queue.close()
    })
    const shows = (id: string, text: string) =>
      page.waitForFunction(
        ([element, wanted]) => document.getElementById(element as string)?.textContent === wanted,
        [id, text],
        { timeout: 15_000 },
      )

    it('follow what was queued until its result is there, in two components', async () => {
      await page.click('#go')
      await shows('status', 'queued')
      await shows('position', '1')
      queue.worker(async () => 'https://img.example/x.png').start()
      await shows('result', 'https://img.example/x.png')
      await shows('beside', 'completed')
    })

    it('cancel what waits', async () => {
      await queue.limits.set('m', { paused: true })
      await page.click('#go')
      await shows('status', 'queued')
      await page.click('#cancel')
      await shows('status', 'cancelled')
      await queue.limits.set('m', { paused: false })
    })

    it('show why a request was refused', async () => {
      await queue.tickets.revoke('ada', 1)
      await page.click('#go')
      await page.waitForFunction(() => /ticket/i.test(document.getElementById('error')?.textContent ?? ''))
      expect(troubles).toEqual([])
    })
  })
})

it('render on a server, where nothing is known yet', () => {
  expect(renderToString(createElement(App))).toContain('nothing yet')
})
