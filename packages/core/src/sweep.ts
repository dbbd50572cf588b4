import { purgeAll, storageNow } from './control.js'
import type { Engine } from './engine.js'
import { CLEARABLE, MOVES, type Move } from './rules.js'
import { announceMove, applyItem } from './settle.js'
import type { ApplyItem, DueItem } from './storage.js'

export interface SweepReport {
  /** Generations whose lease had lapsed: back in the queue. */
  readonly reclaimed: number
  /** Lapsed with no attempt left: failed and refunded. */
  readonly gaveUp: number
  /** Waited past their deadline: failed and refunded. */
  readonly expired: number
}

/** Items of one look; the sweep looks again while a look comes back full. */
const SWEEP_STEP = 500
const SWEEP_LOOKS_MAX = 100
const RETENTION_EVERY_MS = 60_000

export interface Sweeper {
  /** Takes back what lapsed and fails what is overdue. Safe to run from anywhere, at once, at any time. */
  sweep(): Promise<SweepReport>
  /** The same in the background, at most once in SWEEP_EVERY_MS; and now and then what retention no longer keeps. */
  sweepSoon(): void
}
export const SWEEP_EVERY_MS = 1_000

export function createSweeper(engine: Engine): Sweeper {
  let lastSweepAt = Number.NEGATIVE_INFINITY
  let lastRetentionAt = engine.localNow()
  let underWay: Promise<SweepReport> | undefined

  const sweep = () => {
    underWay ??= sweepOnce(engine).finally(() => {
      underWay = undefined
    })
    return underWay
  }
  return {
    sweep,
    sweepSoon() {
      const now = engine.localNow()
      if (now - lastSweepAt < SWEEP_EVERY_MS && now >= lastSweepAt) return
      lastSweepAt = now
      engine.background('sweep', async () => void (await sweep()))
      if (now - lastRetentionAt < RETENTION_EVERY_MS) return
      lastRetentionAt = now
      engine.background('retention', () => retain(engine))
    },
  }
}

async function sweepOnce(engine: Engine): Promise<SweepReport> {
  const lapsed = await sweepDue(engine, 'lease', [...MOVES.reclaim, ...MOVES.giveUp], lapseMessage)
  const overdue = await sweepDue(engine, 'deadline', MOVES.expire, () => 'waited past its deadline')
  return {
    reclaimed: lapsed.get('reclaim') ?? 0,
    gaveUp: lapsed.get('giveUp') ?? 0,
    expired: overdue.get('expire') ?? 0,
  }
}

const lapseMessage = (item: DueItem) =>
  `the lease of attempt ${item.attempt} of ${item.maxAttempts} lapsed: its process died or lost the storage`

/** Applies `moves` to all that is due; counts by event. Another sweep may be faster: its moves are refused here. */
async function sweepDue(
  engine: Engine,
  what: 'lease' | 'deadline',
  moves: readonly Move[],
  message: (item: DueItem) => string,
): Promise<Map<Move['event'], number>> {
  const counts = new Map<Move['event'], number>()
  for (let look = 0; look < SWEEP_LOOKS_MAX && !engine.closing.aborted; look++) {
    const due = await engine.call((s) => s.due({ what, max: SWEEP_STEP, ...engine.at() }))
    const items = due.map((d) => applyItem(d.queueId, moves, { token: d.token, errorMessage: message(d) }))
    const moved = await applyDue(engine, due, items, counts)
    if (due.length < SWEEP_STEP || moved === 0) break
  }
  return counts
}

async function applyDue(
  engine: Engine,
  due: readonly DueItem[],
  items: readonly ApplyItem[],
  counts: Map<Move['event'], number>,
): Promise<number> {
  const results = await Promise.all(items.map((item) => engine.apply.add(item)))
  let moved = 0
  for (const [i, result] of results.entries()) {
    if (!result.ok || result.repeated) continue
    moved += 1
    counts.set(result.event, (counts.get(result.event) ?? 0) + 1)
    const subject = { ...(due[i] as DueItem), ticketCost: 0, resultUrl: null, errorMessage: null }
    announceMove(engine, subject, items[i] as ApplyItem, result)
  }
  return moved
}

/** Removes what retention no longer keeps, in bounded steps. */
async function retain(engine: Engine): Promise<void> {
  const { doneMs, ledgerMs, rollupsMs } = engine.settings.retention
  const now = await storageNow(engine)
  const statuses = CLEARABLE
  await purgeAll(engine, { what: 'generations', statuses, before: now - doneMs })
  await purgeAll(engine, { what: 'ledger', before: now - ledgerMs })
  await purgeAll(engine, { what: 'rollups', before: now - rollupsMs })
}
