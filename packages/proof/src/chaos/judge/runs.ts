import type { Entry, HowEnded } from '../log.js'

/** A lease as the storage's rows told it at one moment, both on the monotonic clock. */
export interface LeaseSample {
  readonly at: number
  readonly queueId: number
  readonly leaseUntil: number
}

/** One handler's work on one generation, as seen from outside. */
export interface Run {
  readonly who: string
  readonly queueId: number
  readonly modelId: string
  readonly attempt: number
  readonly beganAt: number
  /** Its slot may not be given to another before this, unless the run ends or somebody asks to cancel. */
  leaseUntil: number
  /** As its worker was told when it began. */
  readonly firstLeaseUntil: number
  endedAt: number | null
  how: HowEnded | null
  used: number
  /** What was done to its process in the middle of it, and when. */
  gone: { readonly at: number; readonly by: 'kill' | 'stop' } | null
  /** When its process was killed, stopped before or not. */
  diedAt: number | null
  /** When somebody first asked to cancel its generation, and it was: from then on the slot may be free. */
  readonly cancelAskedAt: number | null
}

/** Until when the run surely holds its slot. */
export const holdsUntil = (run: Run): number =>
  Math.min(
    run.endedAt ?? Number.POSITIVE_INFINITY,
    run.cancelAskedAt ?? Number.POSITIVE_INFINITY,
    run.leaseUntil,
  )

/**
 * The runs in the order of their begin. Takes entries and samples in the order of time, and the generations that ended
 * cancelled: asking alone frees no slot.
 */
export function runsOf(
  entries: readonly Entry[],
  samples: readonly LeaseSample[],
  cancelled: ReadonlySet<number>,
): Run[] {
  const cancels = firstCancels(entries, cancelled)
  const runs: Run[] = []
  const running = new Map<string, Map<number, Run>>()
  for (const entry of entries) {
    if (entry.what === 'begin') {
      const run = begun(entry, cancels.get(entry.queueId) ?? null)
      runs.push(run)
      const own = running.get(entry.who) ?? new Map<number, Run>()
      running.set(entry.who, own.set(entry.queueId, run))
    } else if (entry.what === 'end') {
      const run = running.get(entry.who)?.get(entry.queueId)
      if (run === undefined || run.attempt !== entry.attempt) continue
      Object.assign(run, { endedAt: entry.at, how: entry.how, used: entry.used })
      running.get(entry.who)?.delete(entry.queueId)
    } else if (entry.what === 'killed' || entry.what === 'stopped') {
      const by = entry.what === 'killed' ? 'kill' : 'stop'
      for (const run of running.get(entry.victim)?.values() ?? []) {
        run.gone ??= { at: entry.at, by }
        if (by === 'kill') run.diedAt ??= entry.at
      }
    }
  }
  addSamples(runs, samples)
  return runs
}

function firstCancels(entries: readonly Entry[], cancelled: ReadonlySet<number>): Map<number, number> {
  const cancels = new Map<number, number>()
  for (const entry of entries) {
    if (entry.what !== 'cancel' || !cancelled.has(entry.queueId) || cancels.has(entry.queueId)) continue
    cancels.set(entry.queueId, entry.at)
  }
  return cancels
}

function begun(entry: Entry & { what: 'begin' }, cancelAskedAt: number | null): Run {
  const { who, queueId, modelId, attempt, at: beganAt, leaseUntil } = entry
  const unknown = { endedAt: null, how: null, used: 0, gone: null, diedAt: null }
  const lease = { leaseUntil, firstLeaseUntil: leaseUntil }
  return { who, queueId, modelId, attempt, beganAt, cancelAskedAt, ...lease, ...unknown }
}

/**
 * Renewals, as the rows show them. A row names no process, so a sample counts for a run only while the lease known so far
 * still holds: nobody else can have been given the slot then.
 */
function addSamples(runs: readonly Run[], samples: readonly LeaseSample[]): void {
  const byId = new Map<number, Run[]>()
  for (const run of runs) byId.set(run.queueId, [...(byId.get(run.queueId) ?? []), run])
  for (const { at, queueId, leaseUntil } of samples) {
    for (const run of byId.get(queueId) ?? []) {
      if (run.beganAt <= at && at < holdsUntil(run)) run.leaseUntil = Math.max(run.leaseUntil, leaseUntil)
    }
  }
}
