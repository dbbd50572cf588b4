import { createQueue, type Queue } from '@genqueue/core'
import { ManualClock } from '@genqueue/core/testing'
import { createQueueHandler } from '@genqueue/http'
import { memoryStorage } from '@genqueue/memory'
import { beforeEach, describe, expect, it } from 'vitest'
import { type PollerEnvironment, StatusPoller } from '../../src/react/status-poller.js'

const OPTIONS = {
  statusPath: 'http://app.example/api/queue/status',
  cancelPath: 'http://app.example/api/queue/cancel',
  intervalMs: 3_000,
}

/** The page around a poller: the real handler behind fetch, and time and visibility in the test's hands. */
class Page implements PollerEnvironment {
  readonly queue: Queue
  readonly #handler: (request: Request) => Promise<Response>
  readonly requests: { at: number; status: number; method: string }[] = []
  answering = 0
  hidden = false
  offline = false
  /** Held back until the test lets it go. */
  held: (() => void)[] | null = null
  readonly clock = new ManualClock(1_700_000_000_000)
  #onVisibility: (() => void) | undefined

  constructor(userId: string) {
    this.queue = createQueue({ storage: memoryStorage(), models: { m: 1 }, tickets: false })
    this.#handler = createQueueHandler(this.queue, { identify: async () => ({ userId }) })
  }

  fetch = async (url: string, init: RequestInit): Promise<Response> => {
    if (this.offline) throw new TypeError('fetch failed')
    const request = new Request(url, { ...init, headers: { ...init.headers, origin: 'http://app.example' } })
    this.answering += 1
    const response = await this.#handler(request)
    this.answering -= 1
    this.requests.push({ at: this.clock.now(), status: response.status, method: request.method })
    if (this.held !== null) await new Promise<void>((resolve) => this.held?.push(resolve))
    return response
  }
  setTimer = (callback: () => void, delayMs: number) => this.clock.setTimer(callback, delayMs)
  isHidden = () => this.hidden
  onVisibility = (listener: () => void) => {
    this.#onVisibility = listener
    return () => {
      this.#onVisibility = undefined
    }
  }
  see(hidden: boolean) {
    this.hidden = hidden
    this.#onVisibility?.()
  }
}

const QUIET_MS = 30

/** Lets what is under way come to rest: no request is being answered, and none came for a while. */
async function settle(): Promise<void> {
  for (let quietSince = performance.now(), seen = -1; ; ) {
    const requests = page.requests.length + page.answering
    if (requests !== seen || page.answering > 0) quietSince = performance.now()
    seen = requests
    if (performance.now() - quietSince > QUIET_MS) return
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
}

let page: Page
beforeEach(() => {
  page = new Page('ada')
})
const enqueue = () => page.queue.enqueue({ userId: 'ada', modelId: 'm', prompt: 'x' })
const follow = (queueId: number) => {
  const poller = new StatusPoller(queueId, OPTIONS, page)
  let changes = 0
  const leave = poller.subscribe(() => {
    changes += 1
  })
  return { poller, leave, changes: () => changes }
}

describe('a status poller', () => {
  it('tells the status, polls when the server proposes, and stops when it has settled', async () => {
    const { queueId } = await enqueue()
    const { poller } = follow(queueId)
    await settle()
    expect(poller.getState().generation).toMatchObject({ queueId, status: 'queued', position: 1 })
    const [claimed] = await page.queue.claim()
    await page.clock.advance(15_000)
    await settle()
    expect(poller.getState().generation?.status).toBe('processing')
    await page.queue.complete(queueId, 'https://img.example/x.png', { lease: claimed?.lease })
    await page.clock.advance(3_000)
    await settle()
    expect(poller.getState().generation).toMatchObject({
      status: 'completed',
      resultUrl: 'https://img.example/x.png',
    })
    const before = page.requests.length
    await page.clock.advance(600_000)
    await settle()
    expect(page.requests).toHaveLength(before)
  })

  it('sends the tag it has, and shows nothing anew for a 304', async () => {
    const { queueId } = await enqueue()
    await page.queue.claim()
    const { changes } = follow(queueId)
    await settle()
    const shown = changes()
    await page.clock.advance(2_000)
    await settle()
    expect(page.requests.map(({ status }) => status)).toEqual([200, 304])
    expect(changes()).toBe(shown)
  })

  it('rests while the page is hidden, and looks at once when it is seen again', async () => {
    const { queueId } = await enqueue()
    follow(queueId)
    await settle()
    page.see(true)
    await page.clock.advance(600_000)
    await settle()
    expect(page.requests).toHaveLength(1)
    page.see(false)
    await settle()
    expect(page.requests).toHaveLength(2)
  })

  it('keeps what it knew while the server is away, asks ever less often, and recovers', async () => {
    const { queueId } = await enqueue()
    const { poller } = follow(queueId)
    await settle()
    page.offline = true
    await page.clock.advance(15_000)
    await settle()
    expect(poller.getState()).toMatchObject({
      generation: { status: 'queued' },
      error: { message: 'fetch failed' },
    })
    page.offline = false
    await page.clock.advance(60_000)
    await settle()
    expect(poller.getState().error).toBeNull()
  })

  it('gives up on what is not there or not theirs', async () => {
    const { poller } = follow(12_345)
    await settle()
    expect(poller.getState().error).toMatchObject({ httpStatus: 404, code: 'GENERATION_NOT_FOUND' })
    await page.clock.advance(600_000)
    await settle()
    expect(page.requests).toHaveLength(1)
  })

  it('lets no late answer overwrite a newer one', async () => {
    const { queueId } = await enqueue()
    page.held = []
    const { poller } = follow(queueId)
    await settle()
    const [slow] = page.held
    page.held = null
    await page.queue.cancel(queueId)
    await poller.refresh()
    slow?.()
    await settle()
    expect(poller.getState().generation?.status).toBe('cancelled')
  })

  it('cancels, and says why it could not', async () => {
    const { queueId } = await enqueue()
    const { poller } = follow(queueId)
    await settle()
    await poller.cancel()
    expect(poller.getState().generation?.status).toBe('cancelled')
    const other = await enqueue()
    const [claimed] = await page.queue.claim()
    await page.queue.complete(other.queueId, 'https://img.example/x.png', { lease: claimed?.lease })
    const { poller: late } = follow(other.queueId)
    await expect(late.cancel()).rejects.toMatchObject({ code: 'INVALID_TRANSITION' })
  })

  it('does nothing more when nobody watches', async () => {
    const { queueId } = await enqueue()
    const { leave } = follow(queueId)
    await settle()
    leave()
    await page.clock.advance(600_000)
    await settle()
    expect(page.requests).toHaveLength(1)
  })
})
