import type { AdmitCommand, AdmitItem, AdmitResult } from '@genqueue/core'
import type { Database } from '../database.js'
import { toNumber } from '../row.js'
import { runStatement } from './statements.js'

/** [id, modelType, whether it started] */
type NewItem = readonly [number, string, boolean]
/** [modelId, priority, how many waited with that priority or a higher one] */
type Ahead = readonly [string, number, number]

/** All of the items, or null when nothing was done. */
export async function admitPlainly(
  database: Database,
  command: AdmitCommand,
  lane: number,
): Promise<AdmitResult[] | null> {
  const { items, queued, started, leaseMs, maxQueued } = command
  if (new Set(items.map(keyOf)).size < items.length) return null
  const [answer] = await runStatement(database, 'admit', {
    items: JSON.stringify(items.map((item, n) => ({ n, ...item }))),
    queued: JSON.stringify(queued),
    started: JSON.stringify(started),
    leaseMs,
    maxQueued,
    lane,
    at: command.at ?? null,
  })
  if (answer === undefined || answer.ok !== true) return null
  const made = JSON.parse(String(answer.items)) as NewItem[]
  const ahead = JSON.parse(String(answer.ahead ?? '[]')) as Ahead[]
  return admittedAll(command, made, ahead, toNumber(answer.at))
}

const keyOf = ({ userId, idempotencyKey }: AdmitItem) => JSON.stringify([userId, idempotencyKey])

function admittedAll(
  { items, queued, started, leaseMs }: AdmitCommand,
  made: readonly NewItem[],
  ahead: readonly Ahead[],
  at: number,
): AdmitResult[] {
  const positions = new Positions(ahead)
  return items.map(({ modelId, priority, leaseToken }, n) => {
    const [queueId, modelType, starts] = made[n] as NewItem
    return {
      ok: true,
      duplicate: false,
      queueId,
      status: starts ? started.to : queued.to,
      modelType,
      attempt: starts ? 1 : 0,
      position: starts ? null : positions.next(modelId, priority),
      queuedAt: at,
      startedAt: starts ? at : null,
      leaseToken: starts ? leaseToken : null,
      leaseExpiresAt: starts ? at + leaseMs : null,
    }
  })
}

/** Positions of those that queue in one command, one after the other. */
class Positions {
  readonly #ahead = new Map<string, Map<number, number>>()

  constructor(ahead: readonly Ahead[]) {
    for (const [modelId, priority, count] of ahead) {
      const counts = this.#ahead.get(modelId) ?? new Map<number, number>()
      this.#ahead.set(modelId, counts.set(priority, count))
    }
  }

  next(modelId: string, priority: number): number {
    const counts = this.#ahead.get(modelId) ?? new Map<number, number>()
    const position = (counts.get(priority) ?? 0) + 1
    // Who joins stands before the lower ones that come after it.
    for (const [other, count] of counts) if (other <= priority) counts.set(other, count + 1)
    return position
  }
}
