import { createQueue, type Queue } from '@genqueue/core'
import { createQueueHandler, type QueueHandler, type QueueHandlerOptions } from '@genqueue/http'
import { memoryStorage } from '@genqueue/memory'

export const ORIGIN = 'https://app.example'
export const SECRET = 'a-secret-of-some-length'

/** Users as a session would tell them: by a cookie. */
const PEOPLE: Readonly<Record<string, { userId: string; email?: string }>> = {
  ada: { userId: 'ada', email: 'ada@app.example' },
  bob: { userId: 'bob' },
  root: { userId: 'root', email: 'Admin@Example.com' },
}

export interface Site {
  readonly queue: Queue
  readonly handler: QueueHandler
  /** A request as a browser on our page would make it. */
  call(method: string, path: string, options?: CallOptions): Promise<Answer>
}

export interface CallOptions {
  readonly as?: string | undefined
  readonly body?: unknown
  readonly raw?: string
  readonly headers?: Readonly<Record<string, string>>
}

export interface Answer {
  readonly status: number
  readonly headers: Headers
  readonly text: string
  /** Empty unless JSON came. */
  readonly body: Record<string, never> & { error?: { code: string; message: string } }
}

export async function openSite(options: Partial<QueueHandlerOptions> = {}): Promise<Site> {
  const queue = createQueue({ storage: memoryStorage(), models: { m: 1 }, logger: { warn() {}, error() {} } })
  await queue.tickets.grant('ada', 100)
  await queue.tickets.grant('bob', 100)
  const handler = createQueueHandler(queue, {
    identify: (request) => PEOPLE[request.headers.get('cookie') ?? ''] ?? null,
    adminEmails: ['admin@example.com'],
    cronSecret: SECRET,
    handler: async ({ queueId }) => `https://img.example/${queueId}.png`,
    ...options,
  })
  return {
    queue,
    handler,
    async call(method, path, { as, body, raw, headers = {} } = {}) {
      const text = raw ?? (body === undefined ? undefined : JSON.stringify(body))
      const request = new Request(`${ORIGIN}${path}`, {
        method,
        headers: { origin: ORIGIN, ...(as === undefined ? {} : { cookie: as }), ...headers },
        ...(text === undefined ? {} : { body: text }),
      })
      const response = await handler(request)
      const answer = await response.text()
      return {
        status: response.status,
        headers: response.headers,
        body: response.headers.get('content-type')?.startsWith('application/json') ? JSON.parse(answer) : {},
        text: answer,
      }
    },
  }
}

export const ask = (overrides: Record<string, unknown> = {}) => ({
  userId: 'ada',
  modelId: 'm',
  prompt: 'a lighthouse',
  ...overrides,
})
