import type { RepairReport, TicketAccount } from '@genqueue/core'
import type {
  presentEntry,
  presentGeneration,
  presentHealth,
  presentLimit,
  presentStats,
} from '../src/json.js'

/** The answers of the admin API, taken from the functions that make them. */
export type Stats = ReturnType<typeof presentStats>
export type Model = Stats['models'][number]
export type Hour = Stats['hours'][number]
export type HourTotal = Stats['hourTotals'][number]
export type Item = ReturnType<typeof presentGeneration> & { readonly position: number | null }
export type Entry = ReturnType<typeof presentEntry>
export type Health = ReturnType<typeof presentHealth>
export type Repair = RepairReport
export type Limits = { readonly limits: readonly ReturnType<typeof presentLimit>[] }

export interface Items {
  readonly items: readonly Item[]
  readonly cursor: number | null
}

export interface Detail {
  readonly item: Item | null
  readonly position: number | null
  readonly estimatedWait: number | null
  readonly ledger: readonly Entry[]
}

export interface Tickets {
  readonly account: TicketAccount
  readonly entries: readonly Entry[]
  readonly cursor: number | null
}
