import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createQueue, type ModelsOption, type Queue, type Storage } from '@genqueue/core'
import { createQueueHandler } from '@genqueue/http'
import { memoryStorage } from '@genqueue/memory'
import { getRequestListener } from '@hono/node-server'
import type { Browser, BrowserContextOptions, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, expect } from 'vitest'
import { launch, noChromium } from './chromium.js'
import { createRenderer, type Renderer } from './renderer.js'
import { createWatch } from './watch.js'

const PEOPLE: Readonly<Record<string, { userId: string; email: string }>> = {
  ada: { userId: 'ada', email: 'ada@app.example' },
  root: { userId: 'root', email: 'root@app.example' },
}
const TICKETS = 100
/** Longest that a page may take to show what is looked for; it looks again every five seconds. */
const PATIENCE_MS = 8_000
export const DESKTOP = { width: 1280, height: 900 }
export const PHONE = { width: 390, height: 844 }

/** A site as an operator would run it: real server, queue, worker; the session is a cookie. */
export interface Stage {
  readonly queue: Queue
  readonly storage: Storage
  readonly renderer: Renderer
  readonly base: string
  /** A fresh browser profile, signed in as `as` (default the admin; null: nobody), on the admin page. */
  open(options?: OpenOptions): Promise<Page>
  enqueue(count: number, overrides?: Record<string, unknown>): Promise<number[]>
  /** A page of this test made the browser complain of this; anything else it complains of fails the test. */
  expectComplaint(text: RegExp): void
}

export interface OpenOptions extends BrowserContextOptions {
  readonly as?: 'root' | 'ada' | null
  readonly path?: string
}

interface StageOptions {
  readonly models?: ModelsOption
  /** false: nothing runs what is queued. */
  readonly worker?: boolean
  /** What happened before the site opened. */
  readonly before?: (storage: Storage) => Promise<void>
}

/** A stage for each test of a file; skipped, saying why, where there is no browser. */
export function useStage(options: StageOptions = {}): () => Stage {
  let current: RaisedStage | undefined
  let browser: Browser | undefined
  beforeAll(async () => {
    if (noChromium === null) browser = await launch()
  })
  afterAll(() => browser?.close())
  beforeEach(async (context) => {
    if (browser === undefined) return context.skip(noChromium ?? '')
    current = await raise(browser, options)
  })
  afterEach(async () => {
    const complaints = current?.complaints()
    await current?.close()
    current = undefined
    expect(complaints ?? [], 'what the browser complained of').toEqual([])
  })
  return () => {
    if (current === undefined) throw new Error('there is a stage only within a test')
    return current
  }
}

interface RaisedStage extends Stage {
  complaints(): readonly string[]
  close(): Promise<void>
}

async function raise(browser: Browser, options: StageOptions): Promise<RaisedStage> {
  const { models = { flux: 2, veo: 1 }, worker: withWorker = true, before } = options
  const storage = memoryStorage()
  await before?.(storage)
  // Nobody waits for the delay of a second attempt here: a failure is final.
  const queue = createQueue({ storage, models, retry: { maxAttempts: 1 }, logger: { warn() {}, error() {} } })
  for (const userId of ['ada', 'bob']) await queue.tickets.grant(userId, TICKETS, { id: 'welcome' })
  const handler = createQueueHandler(queue, {
    identify: (request) =>
      PEOPLE[/session=(\w+)/.exec(request.headers.get('cookie') ?? '')?.[1] ?? ''] ?? null,
    adminEmails: ['root@app.example'],
  })
  const server = createServer(getRequestListener(handler, { overrideGlobalObjects: false }))
  const base = await listen(server)
  const renderer = createRenderer()
  const worker = withWorker ? queue.worker(renderer.handler).start() : undefined
  const watching = createWatch()

  return {
    queue,
    storage,
    renderer,
    base,
    async open({ as = 'root', path = '/admin/queue', ...profile } = {}) {
      const context = await browser.newContext({ viewport: DESKTOP, locale: 'en-GB', ...profile })
      context.setDefaultTimeout(PATIENCE_MS)
      if (as !== null) await context.addCookies([{ name: 'session', value: as, url: base }])
      await watching.follow(context)
      const page = await context.newPage()
      await page.goto(base + path)
      return page
    },
    async enqueue(count, overrides = {}) {
      const request = { userId: 'ada', modelId: 'flux', prompt: 'a lighthouse in the fog', ...overrides }
      const ids: number[] = []
      for (let i = 0; i < count; i++) ids.push((await queue.enqueue(request)).queueId)
      return ids
    },
    expectComplaint: watching.expect,
    complaints: watching.complaints,
    async close() {
      await Promise.all(browser.contexts().map((context) => context.close()))
      server.closeAllConnections()
      server.close()
      await worker?.close({ timeoutMs: 0 })
      await queue.close()
    },
  }
}

async function listen(server: Server): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}
