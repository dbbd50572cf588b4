import { z } from 'zod'
import type { Engine } from './engine.js'
import { type Generation, presentGeneration } from './present.js'
import { errorText, ticketsUsedSchema } from './results.js'
import { CLEARABLE, MOVES, type Status } from './rules.js'
import { readInput, readQueueId } from './schemas/input.js'
import { applyItem, settle } from './settle.js'

export interface CancelOptions {
  /** Kept as the generation's errorMessage. */
  readonly reason?: string | undefined
  /** Reserved tickets to capture all the same (what a provider billed); default 0. */
  readonly ticketsUsed?: number | undefined
}

export interface ClearOptions {
  /** Settled statuses only; default completed and cancelled. */
  readonly statuses?: readonly Status[] | undefined
  /** Settled at least this long ago; default 0. */
  readonly olderThanMs?: number | undefined
}

export interface Controller {
  cancel(queueId: number, options?: CancelOptions): Promise<Generation>
  retry(queueId: number): Promise<Generation>
  clear(options?: ClearOptions): Promise<{ readonly removed: number }>
}

const cancelSchema = z
  .strictObject({ reason: z.string().optional(), ticketsUsed: ticketsUsedSchema.optional() })
  .prefault({})
const clearSchema = z
  .strictObject({
    statuses: z
      .array(z.enum(CLEARABLE as [Status, ...Status[]], `statuses may only name ${CLEARABLE.join(', ')}`))
      .min(1)
      .default(['completed', 'cancelled']),
    olderThanMs: z.int().min(0).default(0),
  })
  .prefault({})

/** Rows removed by one command, so that no other caller waits long behind it. */
export const PURGE_STEP = 1_000

export function createController(engine: Engine): Controller {
  return {
    async cancel(queueId, options) {
      readQueueId('cancel', queueId)
      const { reason, ticketsUsed } = readInput('cancel', cancelSchema, options)
      const errorMessage = reason === undefined ? null : errorText(reason, engine.settings)
      const item = applyItem(queueId, MOVES.cancel, { errorMessage, ticketsUsed: ticketsUsed ?? null })
      return presentGeneration(await settle(engine, 'cancel', item))
    },
    async retry(queueId) {
      readQueueId('retry', queueId)
      return presentGeneration(await settle(engine, 'retry', applyItem(queueId, MOVES.resubmit)))
    },
    async clear(options) {
      const { statuses, olderThanMs } = readInput('clear', clearSchema, options)
      const before = (await storageNow(engine)) - olderThanMs
      return { removed: await purgeAll(engine, { what: 'generations', statuses, before }) }
    },
  }
}

type PurgeKind =
  | { readonly what: 'generations'; readonly statuses: readonly Status[]; readonly before: number }
  | { readonly what: 'ledger' | 'rollups'; readonly before: number }

/** Removes in steps until nothing is left that is old enough. */
export async function purgeAll(engine: Engine, kind: PurgeKind): Promise<number> {
  let removed = 0
  for (;;) {
    const step = await engine.call((s) => s.purge({ ...kind, max: PURGE_STEP }))
    removed += step
    if (step < PURGE_STEP || engine.closing.aborted) return removed
  }
}

export const storageNow = (engine: Engine): Promise<number> =>
  engine.settings.ownClock ? Promise.resolve(engine.settings.clock.now()) : engine.call((s) => s.now())
