import { cpus, loadavg, totalmem } from 'node:os'
import { RECOVERY_MS_MAX, type Verdict } from './verdict.js'

/** The machine in one line, with its load now. */
export function machineOf(): string {
  const all = cpus()
  const load = loadavg()[0]?.toFixed(1)
  const memory = Math.round(totalmem() / 2 ** 30)
  return `node ${process.version}, ${all.length} x ${all[0]?.model.trim()}, ${memory} GiB, load ${load}`
}

const seconds = (ms: number | null) => (ms === null ? '-' : (ms / 1_000).toFixed(1))

/** A table for people, then what must not be there. */
export function printVerdicts(verdicts: readonly Verdict[]): void {
  const rows: [string, (verdict: Verdict) => string | number][] = [
    ['minutes', (v) => (v.tookMs / 60_000).toFixed(1)],
    ['accepted', (v) => v.accepted],
    [
      'ended as',
      (v) =>
        Object.entries(v.ended)
          .map((pair) => pair.reverse().join(' '))
          .join(', '),
    ],
    ['handlers started', (v) => v.starts],
    ['processes killed', (v) => v.processesKilled],
    ['processes that could not start', (v) => v.startsFailed],
    ['servers crashed', (v) => v.faults.crashServer ?? 0],
    [
      'connections cut, replies lost',
      (v) => `${v.faults.cutConnections ?? 0}, ${v.faults.swallowReplies ?? 0}`,
    ],
    ['answers lost after the deed', (v) => v.answersLost],
    ['workers stopped past their lease', (v) => v.faults.freezeWorker ?? 0],
    ['handlers that ran on past it', (v) => v.lateHandlers],
    [
      'most slots held',
      (v) =>
        Object.entries(v.mostHeld)
          .map((pair) => pair.join(' '))
          .join(', '),
    ],
    ['starts over the cap', (v) => v.startsOverCap],
    ['starts beside stale handlers', (v) => v.besideStale],
    ['lost', (v) => v.lost],
    ['settled twice', (v) => v.settledTwice],
    ['tickets wrong', (v) => v.ticketsWrong],
    ['slots that had to come back', (v) => v.recovery.slots],
    [
      'back after, p50 / p99 / worst s',
      (v) => [v.recovery.p50Ms, v.recovery.p99Ms, v.recovery.worstMs].map(seconds).join(' / '),
    ],
    [
      'less outages, p99 / worst s',
      (v) => [v.recoveryServed.p99Ms, v.recoveryServed.worstMs].map(seconds).join(' / '),
    ],
    [
      'after stops, p50 / worst s',
      (v) => [v.afterStops.p50Ms, v.afterStops.worstMs].map(seconds).join(' / '),
    ],
  ]
  console.log()
  for (const [label, cell] of [['', (v: Verdict) => v.storage], ...rows] as typeof rows) {
    const cells = verdicts.map((verdict) => String(cell(verdict)))
    console.log(`| ${[label.padEnd(34), ...cells].join(' | ')} |`)
  }
  console.log()
  const bound = `recovery p99 at most ${seconds(RECOVERY_MS_MAX)} s`
  for (const { storage, breaches } of verdicts) {
    if (breaches.length === 0) console.log(`${storage}: the books match (${bound})`)
    for (const breach of breaches) console.log(`${storage}: BREACH: ${breach}`)
  }
}
