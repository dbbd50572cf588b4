import { readFileSync } from 'node:fs'
import { createQueue, type Queue, type Storage } from '@genqueue/core'
import { createQueueHandler } from '@genqueue/http'
import { memoryStorage } from '@genqueue/memory'
import { createQueueWorker } from '@genqueue/next'
import { migrate, type PrismaLike, prismaStorage } from '@genqueue/prisma'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import {
  emptyTables,
  postgresDatabase,
  sqliteDatabase,
  type TestDatabase,
} from '../../../prisma/test/support/databases.js'
import { generatedFolder } from '../../../prisma/test/support/generate.js'
import { findPostgres } from '../../../prisma/test/support/servers.js'
import { runGuide, typeErrors } from './snippets.js'

const postgres = await findPostgres()
afterAll(() => postgres?.release())

const ON: readonly { name: string; database: (() => Promise<TestDatabase>) | null }[] = [
  { name: 'Prisma, SQLite', database: () => sqliteDatabase() },
  { name: 'Prisma, PostgreSQL', database: postgres && (() => postgresDatabase(postgres.url)) },
]

const model = 'flux-2-pro'
const LIMIT = 2
const ORIGIN = 'https://app.example'

interface Answer {
  readonly status: number
  readonly body: Record<string, unknown> & { queueId: number }
}

/** The guide's app on a queue: its route, its processing, its polling, and what stands around them. */
function openApp(storage: Storage, prisma: PrismaLike | null) {
  const queue = createQueue({ storage, models: { [model]: LIMIT }, logger: { warn() {}, error() {} } })
  const queueWorker = createQueueWorker(queue)
  let generateImage = async (prompt: string) => `https://img.example/${prompt.length}.png`
  const modules = {
    '@/lib/queue-worker': queueWorker,
    '@/lib/prisma': { prisma },
    '@/lib/provider': { generateImage: (prompt: string) => generateImage(prompt) },
  }
  const route = runGuide<{ POST(request: Request): Promise<Response | undefined> }>(
    'app/api/generate/route.ts',
    modules,
  )
  const { process } = runGuide<{
    process(queueId: number | undefined, model: string, prompt: string): Promise<Response>
  }>('lib/process.ts', modules)
  const answerOf = async (response: Response | undefined): Promise<Answer | null> =>
    response === undefined ? null : { status: response.status, body: await response.json() }
  return {
    queue,
    /** null where the guide goes on with "your existing generation logic". */
    post: async (fields: Record<string, unknown> = {}) =>
      answerOf(
        await route.POST(
          new Request(`${ORIGIN}/api/generate`, {
            method: 'POST',
            body: JSON.stringify({
              prompt: 'a lighthouse',
              model,
              userId: 'ada',
              quality: 'high',
              ...fields,
            }),
          }),
        ),
      ),
    process: async (queueId?: number) => answerOf(await process(queueId, model, 'a lighthouse')),
    generateWith(generate: typeof generateImage) {
      generateImage = generate
    },
    account: () => queue.tickets.account('ada'),
    active: async () => (await queue.limits.get(model))?.active,
  }
}

async function outOfPaint(): Promise<string> {
  throw new Error('no paint')
}

/** The guide's polling in a page of ada's: what it says, and when it would ask again. */
function openPage(queue: Queue) {
  const handler = createQueueHandler(queue, { identify: () => ({ userId: 'ada' }) })
  const said: string[] = []
  const timers: { callback: () => Promise<void>; delayMs: number }[] = []
  const { checkQueueStatus } = runGuide<{ checkQueueStatus(queueId: number): Promise<void> }>(
    'components/polling.ts',
    {},
    {
      fetch: (path: string) => handler(new Request(ORIGIN + path)),
      setTimeout: (callback: () => Promise<void>, delayMs: number) => timers.push({ callback, delayMs }),
      console: {
        log: (...words: unknown[]) => said.push(words.join(' ')),
        error: (...words: unknown[]) => said.push(words.join(' ')),
      },
    },
  )
  return { checkQueueStatus, said, timers }
}

/** `byHand`: the guide's other way, too: slots that the app takes itself, without a generation in the queue. */
function guideCases(open: () => ReturnType<typeof openApp>, byHand: boolean): void {
  let app: ReturnType<typeof openApp>
  beforeEach(async () => {
    app = open()
    await app.queue.limits.initialize()
    await app.queue.tickets.grant('ada', 10)
  })
  /** All slots taken by generations of ours. */
  const fill = async () => {
    const running: number[] = []
    for (let slot = 0; slot < LIMIT; slot++)
      running.push((await app.queue.submit({ userId: 'ada', modelId: model, prompt: 'before' })).queueId)
    return running
  }

  it('step 1: goes on when a slot is free, and queues at a position, with its ticket reserved, when none is', async () => {
    expect(await app.post()).toBeNull()
    await fill()
    const first = await app.post()
    expect(first).toMatchObject({
      status: 200,
      body: { queued: true, position: 1, message: 'Generation queued at position 1' },
    })
    expect(await app.post({ prompt: 'a fox' })).toMatchObject({ body: { position: 2 } })
    const queued = await app.queue.get(first?.body.queueId ?? 0)
    expect(queued).toMatchObject({ userId: 'ada', modelType: 'image', parameters: { quality: 'high' } })
    expect(await app.account()).toMatchObject({ balance: 10, reserved: 4, available: 6 })
  })

  it('steps 2 and 3 from the queue: starts within the limit, completes, captures the ticket; polling tells each', async () => {
    const [busy = 0] = await fill()
    const queueId = (await app.post())?.body.queueId ?? 0
    const page = openPage(app.queue)
    await page.checkQueueStatus(queueId)
    expect(page.said).toEqual([expect.stringMatching(/^Position: 1, Est\. wait: \d+s$/)])
    expect(page.timers).toMatchObject([{ delayMs: 3_000 }])
    await expect(app.process(queueId)).rejects.toMatchObject({ code: 'LIMIT_REACHED' })
    await app.queue.complete(busy, 'https://img.example/0.png')
    expect(await app.process(queueId)).toEqual({
      status: 200,
      body: { imageUrl: 'https://img.example/12.png' },
    })
    await page.timers[0]?.callback()
    expect(page.said.slice(1)).toEqual(['Generation complete! https://img.example/12.png'])
    expect(page.timers).toHaveLength(1)
    expect(await app.account()).toMatchObject({ balance: 8, reserved: 1 })
    expect(await app.active()).toBe(LIMIT - 1)
  })

  it('step 3, failed: 500 with the message, the ticket goes back, and polling tells why', async () => {
    await fill()
    const queueId = (await app.post())?.body.queueId ?? 0
    for (const { queueId: running } of (await app.queue.list({ status: 'processing' })).generations)
      await app.queue.cancel(running)
    app.generateWith(outOfPaint)
    expect(await app.process(queueId)).toEqual({ status: 500, body: { error: 'no paint' } })
    const page = openPage(app.queue)
    await page.checkQueueStatus(queueId)
    expect(page.said).toEqual(['Generation failed: no paint'])
    expect(await app.account()).toMatchObject({ balance: 10, reserved: 0 })
    expect([await app.active(), await app.queue.verify()]).toMatchObject([0, { ok: true }])
  })

  if (!byHand) return
  it('steps 2 and 3 by hand: the slots count, and come back when it went well and when it failed', async () => {
    let release = (_url: string) => {}
    const held = new Promise<string>((resolve) => {
      release = resolve
    })
    app.generateWith(() => held)
    const running = [app.process(), app.process()]
    await expect.poll(app.active, { timeout: 10_000 }).toBe(LIMIT)
    const queueId = (await app.post())?.body.queueId ?? 0
    expect(await app.queue.status(queueId)).toMatchObject({ status: 'queued', position: 1 })
    await expect(app.process(queueId)).rejects.toMatchObject({ code: 'LIMIT_REACHED' })
    expect(await app.queue.claim()).toEqual([])
    release('https://img.example/hand.png')
    for (const answer of await Promise.all(running))
      expect(answer).toEqual({ status: 200, body: { imageUrl: 'https://img.example/hand.png' } })
    expect(await app.active()).toBe(0)
    expect(await app.process(queueId)).toMatchObject({ status: 200 })
    app.generateWith(outOfPaint)
    expect(await app.process()).toEqual({ status: 500, body: { error: 'no paint' } })
    expect(await app.active()).toBe(0)
    expect(await app.account()).toMatchObject({ balance: 9, reserved: 0 })
    expect(await app.queue.verify()).toMatchObject({ ok: true })
  })
}

describe('the code of the implementation guide, in memory', () => {
  guideCases(() => openApp(memoryStorage(), null), false)
})

for (const { name, database } of ON) {
  describe.skipIf(database === null)(`the code of the implementation guide, on ${name}`, () => {
    let opened: TestDatabase
    let client: PrismaLike
    beforeAll(async () => {
      opened = await (database as () => Promise<TestDatabase>)()
      client = await opened.connect()
      await migrate(client)
    })
    beforeEach(() => emptyTables(client, opened.provider))
    afterAll(() => opened.drop())

    guideCases(() => openApp(prismaStorage(client), client), true)
  })
}

const QUEUE_WORKER = /```ts\n\/\/ lib\/queue-worker\.ts\n([\s\S]*?)```/

it('compiles beside lib/queue-worker.ts of the README and a client generated from the shipped models', async () => {
  const readme = readFileSync(new URL('../../README.md', import.meta.url), 'utf8')
  const [, queueWorker = ''] = QUEUE_WORKER.exec(readme) ?? []
  expect(queueWorker).toContain('createQueueWorker(queue)')
  const errors = typeErrors(await generatedFolder('postgresql', 7), {
    'lib/queue-worker.ts': queueWorker,
    'lib/wrong.ts': "import { failGenerations } from '@/lib/queue-worker'\nfailGenerations(1)\n",
  })
  // What is wrong would be told.
  expect(errors).toEqual([expect.stringMatching(/^lib\/wrong\.ts: .*'failGenerations'/)])
}, 60_000)
