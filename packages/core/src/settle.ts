import type { Engine, WakeListener } from './engine.js'
import { GenqueueError } from './errors.js'
import type { GenerationRow } from './generation.js'
import { refusalError } from './refusals.js'
import type { EventName, Move } from './rules.js'
import { sleep } from './runtime.js'
import type { ApplyItem, ApplyResult } from './storage.js'

/** One guarded move as a storage takes it. */
export function applyItem(
  queueId: number,
  moves: readonly Move[],
  outcome: Partial<Omit<ApplyItem, 'queueId' | 'moves'>> = {},
): ApplyItem {
  return {
    queueId,
    moves,
    token: outcome.token ?? null,
    ticketsUsed: outcome.ticketsUsed ?? null,
    delayMs: outcome.delayMs ?? 0,
    resultUrl: outcome.resultUrl ?? null,
    output: outcome.output ?? null,
    errorMessage: outcome.errorMessage ?? null,
  }
}

/** Applies one item, announces what it did, answers the row; throws what refused it. */
export async function settle(engine: Engine, doing: string, item: ApplyItem): Promise<GenerationRow> {
  const result = await engine.applyWithRow.add(item)
  if (!result.ok)
    throw refusalError(result, { doing, queueId: item.queueId, maxQueued: engine.settings.maxQueued })
  const row = result.row as GenerationRow
  if (!result.repeated) announceMove(engine, row, item, result)
  return row
}

/** A settle that the storage cannot take is repeated for this long: the picture is made and paid for. */
const SETTLE_PATIENCE_MS = 300_000
const SETTLE_PAUSE_MS = 1_000

/** Repeats a settle while the storage is away; null when that took too long or it was refused for good. */
export async function settlePatiently(
  engine: Engine,
  item: ApplyItem,
  first: unknown,
): Promise<ApplyResult | null> {
  const { clock } = engine.settings
  const giveUpAt = clock.now() + SETTLE_PATIENCE_MS
  for (let error = first; ; ) {
    engine.report(error, 'settle')
    const away = error instanceof GenqueueError && error.code === 'STORAGE_UNAVAILABLE'
    if (!away || clock.now() >= giveUpAt || engine.closing.aborted) return null
    await sleep(clock, SETTLE_PAUSE_MS, engine.closing)
    try {
      return await engine.apply.add(item)
    } catch (again) {
      error = again
    }
  }
}

type Subject = Pick<
  GenerationRow,
  'queueId' | 'userId' | 'modelId' | 'attempt' | 'ticketCost' | 'resultUrl' | 'errorMessage'
>

/** Tells the listeners what a move did, and wakes the workers when it freed a slot or queued something. */
export function announceMove(
  engine: Engine,
  row: Subject,
  item: ApplyItem,
  result: ApplyResult & { ok: true },
  /** Knows already: its claim went along. */
  except?: WakeListener,
): void {
  const { event, at } = result
  engine.wake(row.modelId, except)
  const { queueId, userId, modelId } = row
  ANNOUNCE[event]?.(engine, { queueId, userId, modelId, at }, item, row)
}

type Announce = (
  engine: Engine,
  base: { queueId: number; userId: string; modelId: string; at: number },
  item: ApplyItem,
  row: Subject,
) => void

const reclaimed =
  (gaveUp: boolean): Announce =>
  ({ events }, base, item, row) => {
    events.emit('reclaimed', { ...base, attempt: row.attempt, gaveUp })
    if (gaveUp) events.emit('failed', { ...base, errorMessage: item.errorMessage, ticketsUsed: 0 })
  }

const failed: Announce = ({ events }, base, item) =>
  events.emit('failed', { ...base, errorMessage: item.errorMessage, ticketsUsed: item.ticketsUsed ?? 0 })

const ANNOUNCE: Readonly<Partial<Record<EventName, Announce>>> = {
  // The one event of every good life: nothing is built when nobody listens, and nothing spread when somebody does.
  complete: ({ events }, { queueId, userId, modelId, at }, item, row) => {
    if (!events.heard('completed')) return
    const ticketsUsed = item.ticketsUsed ?? row.ticketCost
    events.emit('completed', { queueId, userId, modelId, at, resultUrl: item.resultUrl, ticketsUsed })
  },
  fail: failed,
  expire: failed,
  retryLater: ({ events }, base, item, row) =>
    events.emit('retrying', {
      ...base,
      errorMessage: item.errorMessage,
      attempt: row.attempt,
      delayMs: item.delayMs,
    }),
  reclaim: reclaimed(false),
  giveUp: reclaimed(true),
  cancel: ({ events }, base, item) => events.emit('cancelled', { ...base, reason: item.errorMessage }),
  resubmit: ({ events }, base) => events.emit('queued', { ...base, position: null }),
}
