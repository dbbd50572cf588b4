import { Agent, request } from 'node:http'
import { performance } from 'node:perf_hooks'

/** Asks for statuses over connections that are kept, as browsers behind a proxy do. */
export interface Poller {
  /** One poll; milliseconds do not count here, only whether it was answered by 304. Throws what is no answer. */
  poll(queueId: number): Promise<boolean>
  close(): void
}

/** `tags`: remembers the tag of each generation's last answer and sends it along. */
export function createPoller(port: number, connections: number, tags: boolean): Poller {
  const agent = new Agent({ keepAlive: true, maxSockets: connections, scheduling: 'fifo' })
  const known = new Map<number, string>()
  return {
    poll: (queueId) =>
      new Promise((resolve, reject) => {
        const tag = known.get(queueId)
        const headers = { cookie: 'session=ada', ...(tag === undefined ? {} : { 'if-none-match': tag }) }
        const path = `/api/queue/status/${queueId}`
        const sent = request({ agent, host: '127.0.0.1', port, path, headers }, (response) => {
          const { statusCode = 0, headers: answered } = response
          if (statusCode !== 200 && statusCode !== 304)
            reject(new Error(`a poll was answered by ${statusCode}`))
          if (tags && answered.etag !== undefined) known.set(queueId, answered.etag)
          response.resume()
          response.on('end', () => resolve(statusCode === 304))
        })
        sent.on('error', reject)
        sent.end()
      }),
    close: () => agent.destroy(),
  }
}

export interface Polled {
  readonly polls: number
  readonly unchanged: number
  readonly elapsedMs: number
  /** From when each was due to when it was answered, milliseconds. */
  readonly latenciesMs: readonly number[]
}

/** Polls in turn through `pollers` generations. */
const inTurn = (pollers: number) => {
  let next = 0
  return () => {
    next = (next % pollers) + 1
    return next
  }
}

/** `perSecond` polls, due at even times whether or not those before were answered. */
export async function pollAtRate(
  poller: Poller,
  { pollers, perSecond, forMs }: { pollers: number; perSecond: number; forMs: number },
): Promise<Polled> {
  const nextId = inTurn(pollers)
  const total = Math.round((perSecond * forMs) / 1_000)
  const latenciesMs: number[] = []
  let unchanged = 0
  const startedAt = performance.now()
  const send = async (dueAt: number) => {
    if (await poller.poll(nextId())) unchanged += 1
    latenciesMs.push(performance.now() - dueAt)
  }
  const sent: Promise<void>[] = []
  while (sent.length < total) {
    const due = Math.min(total, Math.floor(((performance.now() - startedAt) / 1_000) * perSecond) + 1)
    while (sent.length < due) sent.push(send(startedAt + (sent.length / perSecond) * 1_000))
    await new Promise((resolve) => setTimeout(resolve, 1))
  }
  await Promise.all(sent)
  return { polls: total, unchanged, elapsedMs: performance.now() - startedAt, latenciesMs }
}

/** As fast as `connections` clients get their answers. */
export async function pollFlatOut(
  poller: Poller,
  { pollers, connections, forMs }: { pollers: number; connections: number; forMs: number },
): Promise<Polled> {
  const nextId = inTurn(pollers)
  const latenciesMs: number[] = []
  let unchanged = 0
  const startedAt = performance.now()
  const client = async () => {
    for (let at = performance.now(); at - startedAt < forMs; at = performance.now()) {
      if (await poller.poll(nextId())) unchanged += 1
      latenciesMs.push(performance.now() - at)
    }
  }
  await Promise.all(Array.from({ length: connections }, client))
  return { polls: latenciesMs.length, unchanged, elapsedMs: performance.now() - startedAt, latenciesMs }
}
