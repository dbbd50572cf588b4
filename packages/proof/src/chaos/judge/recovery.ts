import type { Entry } from '../log.js'
import { holdsUntil, type Run } from './runs.js'

export interface Recovery {
  readonly by: 'kill' | 'stop'
  readonly modelId: string
  readonly goneAt: number
  /** From the kill (or stop) until the slot ran another generation; null when it was never seen to. */
  readonly tookMs: number | null
}

/** While the server is away nothing can be given back to anybody: that time less. */
export function lessOutages(recovery: Recovery, entries: readonly Entry[]): Recovery {
  const { goneAt, tookMs } = recovery
  if (tookMs === null) return recovery
  const backAt = goneAt + tookMs
  let [awayMs, downAt]: [number, number | null] = [0, null]
  for (const entry of entries) {
    if (entry.what !== 'server' || entry.at > backAt) continue
    if (entry.state === 'up' && downAt !== null) awayMs += Math.max(0, entry.at - Math.max(downAt, goneAt))
    downAt = entry.state === 'down' ? entry.at : null
  }
  if (downAt !== null) awayMs += backAt - Math.max(downAt, goneAt)
  return { ...recovery, tookMs: tookMs - awayMs }
}

interface Moment {
  readonly at: number
  readonly run: Run
  readonly what: 'begin' | 'leave' | 'gone'
}

/**
 * When the slots of killed and stopped processes worked again. Slots have no names from outside, so there are two proofs:
 * the generation that held it begins anew, for which its slot had to be given back; or more run at once than the limit
 * leaves without the missing slots, so that the one missing longest is back. Both may come later than the slot really
 * worked (others were first in the queue, or nobody was there to run anything), never earlier.
 */
export function judgeRecovery(runs: readonly Run[], caps: Readonly<Record<string, number>>): Recovery[] {
  return Object.entries(caps).flatMap(([modelId, cap]) => {
    const own = runs.filter((run) => run.modelId === modelId)
    return recoveriesOf(modelId, cap, moments(own))
  })
}

function recoveriesOf(modelId: string, cap: number, all: readonly Moment[]): Recovery[] {
  const missing: Moment[] = []
  const told = ({ at: goneAt, run }: Moment, backAt: number | null): Recovery => ({
    by: run.gone?.by ?? 'kill',
    modelId,
    goneAt,
    tookMs: backAt === null ? null : backAt - goneAt,
  })
  const recovered: Recovery[] = []
  let live = 0
  for (const moment of all) {
    live += moment.what === 'begin' ? 1 : -1
    if (moment.what === 'gone') missing.push(moment)
    if (moment.what !== 'begin') continue
    const itself = missing.findIndex(({ run }) => run.queueId === moment.run.queueId)
    const back = itself >= 0 ? missing.splice(itself, 1) : []
    while (live + missing.length > cap && missing.length > 0) back.push(missing.shift() as Moment)
    recovered.push(...back.map((gone) => told(gone, moment.at)))
  }
  return [...recovered, ...missing.map((gone) => told(gone, null))]
}

function moments(runs: readonly Run[]): Moment[] {
  const all = runs.flatMap((run): Moment[] => {
    const until = holdsUntil(run)
    if (until <= run.beganAt) return []
    const isGone = run.gone !== null && run.gone.at < until
    const leave: Moment = isGone
      ? { at: (run.gone as { at: number }).at, run, what: 'gone' }
      : { at: until, run, what: 'leave' }
    return [{ at: run.beganAt, run, what: 'begin' }, leave]
  })
  return all.sort((a, b) => a.at - b.at)
}

/** The value below which a share of them lies; null without any. */
export function quantile(values: readonly number[], share: number): number | null {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.ceil(share * sorted.length) - 1)] ?? null
}
