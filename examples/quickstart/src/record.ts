import type { Queue } from '@genqueue/core'

/** What the demo saw of one generation. */
export interface Seen {
  readonly queueId: number
  readonly userId: string
  readonly modelId: string
  readonly prompt: string
  readonly queuedAt: number
  readonly estimatedMs: number
  startedAt: number | null
  endedAt: number | null
  retries: number
  status: 'queued' | 'processing' | 'completed' | 'failed' | 'cancelled'
  progress: number
  errorMessage: string | null
  picture: string | null
}

/** Everything that happened, as told by the events of the demo's queues. */
export class Record {
  readonly seen = new Map<number, Seen>()
  readonly news: string[] = []
  refusedForTickets = 0
  recovered = 0

  /** Starts told of before the answer to the request that they belong to. */
  readonly #early = new Map<number, number>()

  add(asked: Pick<Seen, 'queueId' | 'userId' | 'modelId' | 'prompt' | 'queuedAt' | 'estimatedMs'>): void {
    const startedAt = this.#early.get(asked.queueId) ?? null
    this.seen.set(asked.queueId, {
      ...asked,
      startedAt,
      endedAt: null,
      retries: 0,
      status: startedAt === null ? 'queued' : 'processing',
      progress: 0,
      errorMessage: null,
      picture: null,
    })
  }

  follow(queue: Queue): void {
    queue.on('started', ({ queueId, at }) => {
      const seen = this.seen.get(queueId)
      if (seen === undefined) return void this.#early.set(queueId, at)
      seen.status = 'processing'
      seen.startedAt ??= at
    })
    queue.on('progress', ({ queueId, progress }) => this.#edit(queueId, { progress }))
    queue.on('completed', ({ queueId, at }) => this.#edit(queueId, { status: 'completed', endedAt: at }))
    queue.on('failed', ({ queueId, at, errorMessage }) => {
      this.#edit(queueId, { status: 'failed', endedAt: at, errorMessage })
      this.tell(`#${queueId} failed and was refunded: ${errorMessage}`)
    })
    queue.on('retrying', ({ queueId, errorMessage, delayMs }) => {
      this.#back(queueId)
      this.tell(`#${queueId} tries again in ${delayMs} ms: ${errorMessage}`)
    })
    queue.on('reclaimed', ({ queueId, gaveUp }) => {
      this.recovered += 1
      if (gaveUp) return
      this.#back(queueId)
      this.tell(`#${queueId} taken back from the dead worker`)
    })
    queue.on('cancelled', ({ queueId, at }) => {
      this.#edit(queueId, { status: 'cancelled', endedAt: at })
      this.tell(`#${queueId} cancelled by its user, tickets refunded`)
    })
  }

  tell(news: string): void {
    this.news.push(news)
  }

  all(): Seen[] {
    return [...this.seen.values()]
  }

  #back(queueId: number): void {
    const seen = this.seen.get(queueId)
    if (seen !== undefined) Object.assign(seen, { status: 'queued', progress: 0, retries: seen.retries + 1 })
  }

  #edit(queueId: number, change: Partial<Seen>): void {
    const seen = this.seen.get(queueId)
    if (seen !== undefined) Object.assign(seen, change)
  }
}
