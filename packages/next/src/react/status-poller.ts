/** What the status route tells of a generation. */
export interface GenerationStatus {
  readonly queueId: number
  readonly status: 'queued' | 'processing' | 'completed' | 'failed' | 'cancelled'
  /** 1 = next; null when it does not wait. */
  readonly position: number | null
  /** Whole seconds until it starts; null when it does not wait. */
  readonly estimatedWait: number | null
  /** 0 to 1, as its handler reports it. */
  readonly progress: number | null
  readonly resultUrl: string | null
  readonly errorMessage: string | null
}

export interface PollState {
  /** null until the first answer. */
  readonly generation: GenerationStatus | null
  /** Why the latest look failed; null when it did not. What was known before stays. */
  readonly error: Error | null
}

/** Where a poller gets what it needs of the page around it; the browser's own by default. */
export interface PollerEnvironment {
  fetch(url: string, init: RequestInit): Promise<Response>
  setTimer(callback: () => void, delayMs: number): () => void
  isHidden(): boolean
  /** Calls back when the page is hidden or shown; answers how to stop. */
  onVisibility(listener: () => void): () => void
}

export interface PollerOptions {
  /** Of the status route, without the id: `/api/queue/status`. */
  readonly statusPath: string
  readonly cancelPath: string
  /** When the server proposes no time: between two looks, in milliseconds. */
  readonly intervalMs: number
}

const RETRY_FIRST_MS = 1_000
const RETRY_MS_MAX = 30_000
/** However long the server proposes. */
const PROPOSED_MS_MAX = 60_000
const TERMINAL: readonly string[] = ['completed', 'failed', 'cancelled']
/** Asking again would not change these answers. */
const FINAL_REFUSALS: readonly number[] = [400, 401, 403, 404]

export const browserEnvironment: PollerEnvironment = {
  fetch: (url, init) => fetch(url, init),
  setTimer(callback, delayMs) {
    const timer = setTimeout(callback, delayMs)
    return () => clearTimeout(timer)
  },
  isHidden: () => document.hidden,
  onVisibility(listener) {
    document.addEventListener('visibilitychange', listener)
    return () => document.removeEventListener('visibilitychange', listener)
  },
}

const NOTHING: PollState = Object.freeze({ generation: null, error: null })

/** Thrown and shown when the server refuses; `code` is genqueue's, like INSUFFICIENT_TICKETS. */
export class RequestError extends Error {
  override readonly name = 'RequestError'
  readonly httpStatus: number
  readonly code: string | null

  constructor(message: string, httpStatus: number, code: string | null) {
    super(message)
    this.httpStatus = httpStatus
    this.code = code
  }
}

/**
 * Asks for one generation's status as often as the server proposes, while somebody watches and the page is seen, until
 * nothing more is to come. Knows nothing of React: its shape is that of useSyncExternalStore.
 */
export class StatusPoller {
  readonly #queueId: number
  readonly #options: PollerOptions
  readonly #environment: PollerEnvironment
  readonly #listeners = new Set<() => void>()
  #state: PollState = NOTHING
  #tag = ''
  #failures = 0
  /** The look under way; an answer to any other one is too late. */
  #look: AbortController | null = null
  #cancelTimer: () => void = () => {}
  #stopWatching: () => void = () => {}
  #ended = false

  constructor(queueId: number, options: PollerOptions, environment: PollerEnvironment = browserEnvironment) {
    this.#queueId = queueId
    this.#options = options
    this.#environment = environment
  }

  readonly getState = (): PollState => this.#state

  /** Polls while there is at least one listener; answers how to leave. */
  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener)
    if (this.#listeners.size === 1) this.#begin()
    return () => {
      this.#listeners.delete(listener)
      if (this.#listeners.size === 0) this.#rest()
    }
  }

  /** Looks at once; resolves when the answer is there. */
  readonly refresh = async (): Promise<void> => {
    this.#cancelTimer()
    this.#look?.abort()
    const look = new AbortController()
    this.#look = look
    try {
      const response = await this.#environment.fetch(`${this.#options.statusPath}/${this.#queueId}`, {
        headers: this.#tag === '' ? {} : { 'if-none-match': this.#tag },
        signal: look.signal,
      })
      await this.#take(response, look)
    } catch (error) {
      if (this.#look === look) this.#fail(error instanceof Error ? error : new Error(String(error)))
    }
  }

  /** Asks the server to cancel it, and looks what became of it. Rejects with a RequestError when refused. */
  readonly cancel = async (): Promise<void> => {
    const url = `${this.#options.cancelPath}/${this.#queueId}`
    const response = await this.#environment.fetch(url, { method: 'POST' })
    if (!response.ok) throw await refusalOf(response)
    await this.refresh()
  }

  #begin(): void {
    this.#stopWatching = this.#environment.onVisibility(() => {
      if (this.#environment.isHidden()) this.#pause()
      else if (!this.#ended) void this.refresh()
    })
    if (!this.#ended && !this.#environment.isHidden()) void this.refresh()
  }

  #rest(): void {
    this.#stopWatching()
    this.#pause()
  }

  #pause(): void {
    this.#cancelTimer()
    this.#look?.abort()
    this.#look = null
  }

  async #take(response: Response, look: AbortController): Promise<void> {
    if (response.status === 304) {
      if (this.#look === look) this.#again(response)
      return
    }
    if (!response.ok) {
      const refusal = await refusalOf(response)
      if (this.#look !== look) return
      if (FINAL_REFUSALS.includes(response.status)) this.#ended = true
      return this.#fail(refusal)
    }
    const generation = (await response.json()) as GenerationStatus
    if (this.#look !== look) return
    this.#tag = response.headers.get('etag') ?? ''
    this.#ended = TERMINAL.includes(generation.status)
    this.#show({ generation, error: null })
    this.#again(response)
  }

  #again(response: Response): void {
    this.#failures = 0
    if (this.#state.error !== null) this.#show({ ...this.#state, error: null })
    const proposedS = Number(response.headers.get('retry-after') ?? Number.NaN)
    const delayMs = proposedS > 0 ? Math.min(proposedS * 1_000, PROPOSED_MS_MAX) : this.#options.intervalMs
    this.#schedule(delayMs)
  }

  #fail(error: Error): void {
    this.#show({ ...this.#state, error })
    this.#failures += 1
    this.#schedule(Math.min(RETRY_FIRST_MS * 2 ** (this.#failures - 1), RETRY_MS_MAX))
  }

  #schedule(delayMs: number): void {
    this.#look = null
    if (this.#ended || this.#listeners.size === 0 || this.#environment.isHidden()) return
    this.#cancelTimer = this.#environment.setTimer(() => void this.refresh(), delayMs)
  }

  #show(state: PollState): void {
    this.#state = state
    for (const listener of this.#listeners) listener()
  }
}

/** The server's own words when it has some. */
export async function refusalOf(response: Response): Promise<RequestError> {
  const body: unknown = await response.json().catch(() => null)
  const told = (body as { error?: unknown } | null)?.error
  const { message, code } = (typeof told === 'object' && told !== null ? told : { message: told }) as {
    message?: unknown
    code?: unknown
  }
  return new RequestError(
    typeof message === 'string' ? message : `the server answered ${response.status}`,
    response.status,
    typeof code === 'string' ? code : null,
  )
}
