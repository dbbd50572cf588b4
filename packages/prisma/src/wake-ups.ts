import type { Commands } from './commands.js'
import type { Database } from './database.js'

/**
 * How processes tell each other that something may start, where you have a connection to spare for it. `listen` calls
 * `onPayload` with whatever arrives on the channel, and answers how to stop: with node-postgres,
 * `client.query('LISTEN "' + channel + '"')` and `client.on('notification', ...)`.
 */
export interface WakeUps {
  listen(channel: string, onPayload: (payload: string) => void): Promise<() => Promise<void>>
}

const CHANNEL = 'genqueue_wake'
/** However much happens, no more than one message in this time: a message wakes every worker there is. */
const QUIET_MS = 20
const PAYLOAD_LENGTH_MAX = 7_000

/** Sends what woke in one message at once, and then gathers for a while before the next. */
export class Notifier {
  readonly #database: Database
  #models = new Set<string>()
  #quiet = false
  #sending = Promise.resolve()
  #timer: NodeJS.Timeout | undefined

  constructor(database: Database) {
    this.#database = database
  }

  /** No model named: any may start. */
  tell(modelIds: readonly string[]): void {
    for (const modelId of modelIds.length === 0 ? [''] : modelIds) this.#models.add(modelId)
    if (!this.#quiet) this.#send()
  }

  /** Sends what it has gathered. Whoever disconnects the client afterwards meets no message that connects it again. */
  async close(): Promise<void> {
    clearTimeout(this.#timer)
    this.#quiet = true
    await this.#sending
    if (this.#models.size > 0) await this.#sendGathered()
  }

  #send(): void {
    this.#quiet = true
    this.#sending = this.#sendGathered()
    this.#timer = setTimeout(() => {
      this.#quiet = false
      if (this.#models.size > 0) this.#send()
    }, QUIET_MS).unref()
  }

  async #sendGathered(): Promise<void> {
    const payload = payloadOf([...this.#models])
    this.#models = new Set()
    // Polling finds what a lost message would have told.
    await notify(this.#database, payload).catch(() => {})
  }
}

/** The commands, telling of what may start after them. */
export function announcing(
  commands: Commands,
  tell: (modelIds: readonly string[]) => Promise<void> | void,
): Commands {
  return {
    ...commands,
    async admit(command) {
      const results = await commands.admit(command)
      const queued = command.items.filter((_, index) => {
        const result = results[index]
        return result?.ok && !result.duplicate && result.startedAt === null
      })
      if (queued.length > 0) await tell([...new Set(queued.map((item) => item.modelId))])
      return results
    },
    async apply(command) {
      const results = await commands.apply(command)
      if (results.some((result) => result.ok && !result.repeated)) await tell([])
      return results
    },
    async applyAndClaim(command, claim) {
      const done = await commands.applyAndClaim(command, claim)
      const freed = done.applied.filter((result) => result.ok && !result.repeated).length
      // Slots that were taken again are no news.
      if (freed > done.claimed.length) await tell([])
      return done
    },
    async limit(command) {
      const limits = await commands.limit(command)
      if (command.items.some((item) => !item.onlyIfMissing)) await tell(limits.map(({ modelId }) => modelId))
      return limits
    },
  }
}

/** In a transaction, PostgreSQL keeps the message until it commits. */
export async function notify(database: Database, payload: string): Promise<void> {
  await database.rows('SELECT CAST(pg_notify(?, ?) AS TEXT) AS "sent"', [CHANNEL, payload])
}

export function payloadOf(modelIds: readonly string[]): string {
  const payload = JSON.stringify(modelIds.includes('') ? [] : modelIds)
  return payload.length > PAYLOAD_LENGTH_MAX ? '[]' : payload
}

export function listen(
  { listen: subscribe }: WakeUps,
  wake: (modelIds: readonly string[]) => void,
): Promise<() => Promise<void>> {
  return subscribe(CHANNEL, (payload) => wake(modelIdsIn(payload)))
}

/** Anybody may send on a channel: what is not a list of names wakes everybody. */
function modelIdsIn(payload: string): string[] {
  try {
    const parsed: unknown = JSON.parse(payload)
    return Array.isArray(parsed) ? parsed.filter((value) => typeof value === 'string') : []
  } catch {
    return []
  }
}
