import { compareWaiting, findBreaches, type GenerationRow, STATUS_TABLE } from '@genqueue/core'
import {
  admitCommand,
  admitItem,
  applyCommand,
  applyItem,
  claimCommand,
  LEASE_MS,
  limitCommand,
  limitItem,
  postCommand,
  renewCommand,
  startCommand,
  Tables,
} from '@genqueue/core/testing'
import { describe, expect, it } from 'vitest'
import { runAdmit, runApply, runClaim, runLimit, runPost, runRenew, runStart } from '../src/plan/commands.js'

/**
 * Every state that a small instance can reach, by every command in every order, through the very plan and tables that
 * production uses: 2 workers, 2 or 3 generations, 1 model with a limit of 1 or 2, tickets for two, and leases
 * that lapse at any moment. Checked in every state: the laws; on every step: what must never happen from one state to
 * the next.
 */
const WORKERS = ['w1', 'w2'] as const
/** Two are walked in seconds; three, 263,428 states, take one to two minutes and belong to CI. */
const GENERATIONS = process.env.CI === 'true' ? 3 : 2
const TICKETS = 2
const ATTEMPTS = 2
const NOW = 1_700_000_000_000
const STATES_MAX = 400_000

/** Time stands still; a lease that lapses is one whose expiry is moved into the past. */
interface State {
  readonly tables: Tables
  /** Which worker believes to hold which generation, under which token. */
  readonly beliefs: ReadonlyMap<string, string>
}

const clone = ({ tables, beliefs }: State): State => {
  const copy = new Tables()
  copy.rows = new Map(tables.rows)
  copy.accounts = new Map(tables.accounts)
  copy.limits = new Map(tables.limits)
  copy.lastQueueId = tables.lastQueueId
  return { tables: copy, beliefs: new Map(beliefs) }
}

/**
 * The state by what matters: of times only whether they have passed and who queued first, of tokens only whether they
 * are current, and the two workers as interchangeable.
 */
function keyOf({ tables, beliefs }: State): string {
  const all = tables.all()
  const live = all.filter((row) => STATUS_TABLE[row.status].place !== 'done').sort(compareWaiting)
  const view = (workers: readonly string[]) =>
    all.map((row) => [
      row.status,
      row.attempt,
      row.leaseToken !== null && (row.leaseExpiresAt as number) <= NOW,
      live.indexOf(row),
      row.ticketsUsed,
      ...workers.map((worker) => {
        const token = beliefs.get(`${worker}/${row.queueId}`)
        return token === undefined
          ? '-'
          : token === row.leaseToken
            ? 'holds'
            : token === row.releasedBy
              ? 'released'
              : 'stale'
      }),
    ])
  const [one, two] = [JSON.stringify(view(WORKERS)), JSON.stringify(view([...WORKERS].reverse()))]
  const { balance, reserved } = tables.account('ada') ?? { balance: 0, reserved: 0 }
  const { maxConcurrent, active } = tables.limit('m') ?? { maxConcurrent: 0, active: 0 }
  return `${[one, two].sort()[0]} ${balance} ${reserved} ${maxConcurrent} ${active}`
}

type Step = readonly [name: string, act: (state: State) => unknown]

/** A resubmit is queued later than what was queued before: time has only this one meaning here. */
const nextTime = ({ tables }: State) => Math.max(NOW, ...tables.all().map((row) => row.queuedAt)) + 1

function stepsOf(state: State): Step[] {
  const { tables } = state
  const steps: Step[] = [
    ['limit 1', (s) => runLimit(s.tables, limitCommand([limitItem('m', { maxConcurrent: 1 })], NOW), NOW)],
    ['limit 2', (s) => runLimit(s.tables, limitCommand([limitItem('m', { maxConcurrent: 2 })], NOW), NOW)],
  ]
  const next = tables.rows.size + 1
  if (next <= GENERATIONS) {
    for (const leaseToken of [null, ...WORKERS])
      steps.push([`admit ${next} ${leaseToken}`, (s) => admit(s, next, leaseToken)])
  }
  for (const worker of WORKERS) {
    steps.push([`claim ${worker}`, (s) => claim(s, worker)])
    for (const row of tables.all()) steps.push(...workerSteps(worker, row, state))
  }
  for (const { queueId } of tables.all()) {
    steps.push([
      `cancel ${queueId}`,
      (s) => runApply(s.tables, applyCommand([applyItem(queueId, 'cancel')], NOW), NOW),
    ])
    steps.push([
      `resubmit ${queueId}`,
      (s) => runApply(s.tables, applyCommand([applyItem(queueId, 'resubmit')], NOW), nextTime(s)),
    ])
    steps.push([`lapse ${queueId}`, (s) => lapse(s.tables, queueId)])
    steps.push([
      `sweep ${queueId}`,
      (s) => runApply(s.tables, applyCommand([applyItem(queueId, ['reclaim', 'giveUp'])], NOW), NOW),
    ])
    steps.push([
      `webhook ${queueId}`,
      (s) => runApply(s.tables, applyCommand([applyItem(queueId, 'complete')], NOW), NOW),
    ])
  }
  return steps
}

/** What a worker may do with a generation, and with one that it ever had, whether or not it still has it. */
function workerSteps(worker: string, { queueId }: GenerationRow, { beliefs }: State): Step[] {
  const own = `${worker}/${queueId}`
  const start: Step = [`start ${own}`, (s) => startOne(s, worker, queueId)]
  const held = beliefs.get(own)
  if (held === undefined) return [start]
  const settles = (['complete', 'fail', 'retryLater', 'yield'] as const).map((event): Step => {
    const command = applyCommand([applyItem(queueId, event, { token: held })], NOW)
    return [`${event} ${own}`, (s) => runApply(s.tables, command, NOW)]
  })
  const renewal = renewCommand([{ queueId, token: held, progress: null }], NOW)
  return [start, ...settles, [`renew ${own}`, (s) => runRenew(s.tables, renewal, NOW)]]
}

function startOne(state: State, worker: string, queueId: number): void {
  const command = startCommand([{ queueId, token: token(state, worker, queueId) }], NOW)
  const started = runStart(state.tables, command, NOW).flatMap((result) => (result.ok ? [result.row] : []))
  believe(state, worker, started)
}

/** A token per worker, generation and attempt: fresh whenever it matters. */
const token = (s: State, worker: string, queueId: number) =>
  `${worker}-${queueId}-${s.tables.row(queueId)?.timeline.length ?? 0}`

function believe(state: State, worker: string, rows: readonly GenerationRow[]): void {
  const beliefs = state.beliefs as Map<string, string>
  for (const row of rows) beliefs.set(`${worker}/${row.queueId}`, row.leaseToken as string)
}

function admit(state: State, number: number, worker: string | null): void {
  const leaseToken = worker === null ? null : token(state, worker, number)
  const item = admitItem({ idempotencyKey: `key-${number}`, maxAttempts: ATTEMPTS, leaseToken })
  runAdmit(state.tables, admitCommand([item], NOW), NOW)
  const row = state.tables.row(number)
  if (worker !== null && row?.leaseToken === leaseToken) believe(state, worker, [row as GenerationRow])
}

function claim(state: State, worker: string): void {
  const queueId = state.tables.next('m', NOW + 1e9)?.queueId ?? 0
  believe(state, worker, runClaim(state.tables, claimCommand([token(state, worker, queueId)], NOW), NOW))
}

function lapse(tables: Tables, queueId: number): void {
  const row = tables.row(queueId)
  if (row !== undefined && row.leaseToken !== null) tables.rows.set(queueId, { ...row, leaseExpiresAt: NOW })
}

/** What no step may do, whatever the state it starts from. */
function checkStep(name: string, before: Tables, after: Tables): void {
  const [was, is] = [before.limit('m'), after.limit('m')]
  if (was !== undefined && is !== undefined && is.active > was.active && is.active > is.maxConcurrent) {
    throw new Error(`law 1: ${name} took slot ${is.active} of ${is.maxConcurrent}`)
  }
  for (const row of after.all()) {
    const old = before.row(row.queueId)
    if (old === undefined) continue
    const settled = STATUS_TABLE[old.status].place === 'done'
    if (settled && row.status !== old.status && !name.startsWith('resubmit'))
      throw new Error(`law 6: ${name} changed what was ${old.status}`)
    const moved = old.status === 'processing' && row.status !== 'processing'
    const worker = name.split(' ')[1]?.split('/')[0] as string
    const settle = /^(complete|fail|retryLater|yield) w/.test(name)
    if (moved && settle && !(old.leaseToken as string).startsWith(worker))
      throw new Error(`law 5: ${name} moved another's generation`)
  }
}

function checkState(name: string, tables: Tables): void {
  const snapshot = {
    rows: tables.all(),
    accounts: [...tables.accounts.values()],
    limits: [...tables.limits.values()],
  }
  const breaches = findBreaches(snapshot)
  if (breaches.length > 0) throw new Error(`after ${name}: ${JSON.stringify(breaches)}`)
}

function explore(): { states: number; steps: number; statuses: Set<string> } {
  const first: State = { tables: new Tables(), beliefs: new Map() }
  runLimit(first.tables, limitCommand([limitItem('m', { maxConcurrent: 1 })], NOW), NOW)
  runPost(first.tables, postCommand('ada', TICKETS, NOW), NOW)
  const seen = new Set([keyOf(first)])
  const open = [first]
  const statuses = new Set<string>()
  let steps = 0
  for (let state = open.pop(); state !== undefined; state = open.pop()) {
    for (const [name, act] of stepsOf(state)) {
      const after = clone(state)
      act(after)
      steps += 1
      checkStep(name, state.tables, after.tables)
      const key = keyOf(after)
      if (seen.has(key)) continue
      checkState(name, after.tables)
      for (const row of after.tables.all()) statuses.add(row.status)
      seen.add(key)
      if (seen.size > STATES_MAX) throw new Error(`more than ${STATES_MAX} states`)
      open.push(after)
    }
  }
  return { states: seen.size, steps, statuses }
}

describe('the state space of a small instance', () => {
  it('keeps the laws in every state and on every step', () => {
    const { states, steps, statuses } = explore()
    console.log(`${states} states, ${steps} steps, leases of ${LEASE_MS} ms lapsing anywhere`)
    expect(statuses).toEqual(new Set(Object.keys(STATUS_TABLE)))
    expect(states).toBeGreaterThan(1_000)
  }, 600_000)
})
