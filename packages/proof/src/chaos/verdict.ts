import type { StoredBooks } from './evidence/evidence.js'
import type { FaultName } from './faults.js'
import { judgeBooks } from './judge/books.js'
import { judgeCap } from './judge/cap.js'
import { judgeConduct, judgeObserver } from './judge/conduct.js'
import { judgeRecovery, lessOutages, quantile } from './judge/recovery.js'
import { type LeaseSample, runsOf } from './judge/runs.js'
import type { Entry } from './log.js'

/** What the observer saw of a run. */
export interface Observed {
  readonly storage: string
  readonly seed: number
  readonly leaseMs: number
  readonly caps: Readonly<Record<string, number>>
  readonly entries: readonly Entry[]
  readonly samples: readonly LeaseSample[]
  readonly rowsOverCap: readonly string[]
  readonly overdrawn: readonly string[]
  readonly accountsSeen: number
  readonly unanswered: number
  readonly books: StoredBooks
  readonly faults: Readonly<Record<FaultName, number>>
  readonly drained: boolean
  /** What the library's own check found besides; null when nothing. */
  readonly verify: string | null
  readonly tookMs: number
}

/** The figures of a run, and every sentence that must not be there. */
export interface Verdict {
  readonly storage: string
  readonly seed: number
  readonly leaseMs: number
  readonly tookMs: number
  readonly faults: Readonly<Record<string, number>>
  readonly processesKilled: number
  /** Of processes that started while the server was away. */
  readonly startsFailed: number
  readonly accepted: number
  readonly starts: number
  readonly mostHeld: Readonly<Record<string, number>>
  readonly ended: Readonly<Record<string, number>>
  readonly startsOverCap: number
  readonly lost: number
  readonly settledTwice: number
  readonly ticketsWrong: number
  readonly lateHandlers: number
  readonly besideStale: number
  /** Requests whose first answer was lost after they were done, and that were found when asked for again. */
  readonly answersLost: number
  /** Slots of killed processes seen to work again, and after how long; `worst` is null when one never did. */
  readonly recovery: RecoveryFigures
  /** The same, less the time during which there was no server. */
  readonly recoveryServed: RecoveryFigures
  readonly afterStops: RecoveryFigures
  readonly leaseSamples: number
  readonly unansweredLooks: number
  readonly breaches: readonly string[]
}

interface RecoveryFigures {
  readonly slots: number
  readonly p50Ms: number | null
  readonly p99Ms: number | null
  readonly worstMs: number | null
}

/** Kill of a holder until its slot runs another generation, with the default lease of 12 s and a server: 99 of 100 are as fast. */
export const RECOVERY_MS_MAX = 15_000
const SENTENCES_MAX = 20

export function verdictOf(seen: Observed): Verdict {
  const cancelled = seen.books.generations.filter(({ status }) => status === 'cancelled')
  const runs = runsOf(seen.entries, seen.samples, new Set(cancelled.map(({ queueId }) => queueId)))
  const cap = judgeCap(runs, seen.caps)
  const books = judgeBooks(seen.entries, runs, seen.books)
  const recoveries = judgeRecovery(runs, seen.caps)
  const [afterKills, afterStops] = (['kill', 'stop'] as const).map((by) =>
    figuresOf(recoveries.filter((recovery) => recovery.by === by).map(({ tookMs }) => tookMs)),
  ) as [RecoveryFigures, RecoveryFigures]
  const served = recoveries.map((recovery) => lessOutages(recovery, seen.entries))
  const afterKillsServed = figuresOf(served.filter(({ by }) => by === 'kill').map(({ tookMs }) => tookMs))
  const never = recoveries.filter(({ tookMs }) => tookMs === null)
  const p99 = afterKillsServed.p99Ms ?? 0
  const breaches = [
    ...cap.overCap.map((run) => `${run.modelId}: generation ${run.queueId} began over the cap on ${run.who}`),
    ...seen.rowsOverCap,
    ...books.lost,
    ...books.doubled,
    ...books.tickets,
    ...seen.overdrawn,
    ...judgeConduct(seen.entries, runs, seen.leaseMs),
    ...judgeObserver(runs, seen.samples, seen.accountsSeen),
    ...(seen.drained ? [] : ['the queue did not drain']),
    ...(seen.verify === null ? [] : [`verify(): ${seen.verify}`]),
    ...never.map(({ modelId, by }) => `${modelId}: a slot was never seen to work again after a ${by}`),
    ...(p99 > RECOVERY_MS_MAX ? [`p99 of recovery is ${p99} ms, over ${RECOVERY_MS_MAX}`] : []),
  ]
  return {
    storage: seen.storage,
    seed: seen.seed,
    leaseMs: seen.leaseMs,
    tookMs: Math.round(seen.tookMs),
    faults: seen.faults,
    processesKilled: seen.entries.filter(({ what }) => what === 'killed').length,
    startsFailed: seen.entries.filter((entry) => entry.what === 'crashed' && !entry.wasUp).length,
    accepted: seen.books.generations.length,
    starts: cap.starts,
    mostHeld: cap.most,
    ended: books.ended,
    startsOverCap: cap.overCap.length + seen.rowsOverCap.length,
    lost: books.lost.length,
    settledTwice: books.doubled.length,
    ticketsWrong: books.tickets.length + seen.overdrawn.length,
    lateHandlers: cap.late,
    besideStale: cap.besideStale,
    answersLost: answersLost(seen.entries),
    recovery: afterKills,
    recoveryServed: afterKillsServed,
    afterStops,
    leaseSamples: seen.samples.length,
    unansweredLooks: seen.unanswered,
    breaches:
      breaches.length > SENTENCES_MAX
        ? [...breaches.slice(0, SENTENCES_MAX), `and ${breaches.length - SENTENCES_MAX} more`]
        : breaches,
  }
}

/** The first that is heard of a request is that it was there before. */
function answersLost(entries: readonly Entry[]): number {
  const heard = new Set<string>()
  let lost = 0
  for (const entry of entries) {
    if (entry.what !== 'got' || heard.has(entry.key)) continue
    heard.add(entry.key)
    if (entry.again) lost += 1
  }
  return lost
}

function figuresOf(took: readonly (number | null)[]): RecoveryFigures {
  const seen = took.filter((ms) => ms !== null)
  const at = (share: number) => {
    const value = quantile(seen, share)
    return value === null ? null : Math.round(value)
  }
  return { slots: took.length, p50Ms: at(0.5), p99Ms: at(0.99), worstMs: at(1) }
}
