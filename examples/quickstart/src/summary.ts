import type { TicketAccount, VerifyReport } from '@genqueue/core'
import { DEMO_MODELS } from './provider.js'
import type { Seen } from './record.js'
import { DEMO_USERS, type Show } from './show.js'
import { seconds, textTable } from './table.js'

export interface DemoSummary {
  readonly models: readonly (readonly (string | number)[])[]
  readonly accounts: readonly TicketAccount[]
  readonly verify: VerifyReport
  readonly estimate: { readonly worstMs: number; readonly medianMs: number; readonly counted: number }
  readonly recovered: number
  readonly refusedForTickets: number
  /** Models that ever had more runs at once than their cap, counted from outside. */
  readonly overCap: readonly string[]
}

export const MODEL_HEADS = [
  'model',
  'done',
  'failed',
  'cancelled',
  'retried',
  'wait avg',
  'run avg',
  'peak',
  'cap',
] as const

const mean = (values: readonly number[]) =>
  values.length === 0 ? null : values.reduce((sum, v) => sum + v, 0) / values.length

export async function summarise(show: Show): Promise<DemoSummary> {
  const all = show.record.all()
  const errors = all
    .flatMap((seen) =>
      seen.startedAt === null ? [] : [Math.abs(seen.startedAt - seen.queuedAt - seen.estimatedMs)],
    )
    .sort((a, b) => a - b)
  const peaks = show.observer.peak
  return {
    models: DEMO_MODELS.map(({ modelId, maxConcurrent }) =>
      modelRow(all, modelId, peaks.get(modelId) ?? 0, maxConcurrent),
    ),
    accounts: await Promise.all(DEMO_USERS.map(({ userId }) => show.queue.tickets.account(userId))),
    verify: await show.queue.verify(),
    estimate: {
      worstMs: errors.at(-1) ?? 0,
      medianMs: errors[errors.length >> 1] ?? 0,
      counted: errors.length,
    },
    recovered: show.record.recovered,
    refusedForTickets: show.record.refusedForTickets,
    overCap: DEMO_MODELS.filter((m) => (peaks.get(m.modelId) ?? 0) > m.maxConcurrent).map((m) => m.modelId),
  }
}

function modelRow(all: readonly Seen[], modelId: string, peak: number, cap: number): (string | number)[] {
  const own = all.filter((seen) => seen.modelId === modelId)
  const count = (status: Seen['status']) => own.filter((seen) => seen.status === status).length
  const retried = own.reduce((sum, seen) => sum + seen.retries, 0)
  const waits = own.flatMap((seen) => (seen.startedAt === null ? [] : [seen.startedAt - seen.queuedAt]))
  const runs = own.flatMap((seen) =>
    seen.status === 'completed' && seen.startedAt !== null && seen.endedAt !== null
      ? [seen.endedAt - seen.startedAt]
      : [],
  )
  return [
    modelId,
    count('completed'),
    count('failed'),
    count('cancelled'),
    retried,
    seconds(mean(waits)),
    seconds(mean(runs)),
    peak,
    cap,
  ]
}

export function printSummary(summary: DemoSummary, sheet: string): void {
  const { accounts, verify, estimate, recovered, refusedForTickets, overCap } = summary
  console.log(`\n${textTable(MODEL_HEADS, summary.models)}\n`)
  const rows = accounts.map(({ userId, granted, captured, balance, reserved }) => [
    userId,
    granted,
    captured,
    balance,
    reserved,
    granted - captured === balance && reserved === 0 ? 'adds up' : 'DOES NOT ADD UP',
  ])
  console.log(
    `${textTable(['user', 'granted', 'captured', 'balance', 'reserved', 'granted - captured = balance'], rows)}\n`,
  )
  console.log(
    `caps           ${overCap.length === 0 ? 'never exceeded, counted outside the library' : `EXCEEDED by ${overCap.join(', ')}`}`,
  )
  console.log(`recovered      ${recovered} generations from the worker that died`)
  console.log(`out of tickets ${refusedForTickets} requests refused`)
  console.log(
    `wait estimates worst error ${seconds(estimate.worstMs)}, median ${seconds(estimate.medianMs)} over ${estimate.counted} starts`,
  )
  console.log(
    `laws           ${verify.ok ? 'all hold (queue.verify)' : `${verify.findings.length} findings: ${verify.findings[0]?.message}`}`,
  )
  console.log(`pictures       ${sheet}`)
}

/** Whether the run kept what the library promises. */
export const isSound = ({ accounts, verify, overCap }: DemoSummary): boolean =>
  verify.ok &&
  overCap.length === 0 &&
  accounts.every((a) => a.granted - a.captured === a.balance && a.reserved === 0)
