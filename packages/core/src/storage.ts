import type { Account, GenerationRow, LedgerEntry, Limit, RollupFact } from './generation.js'
import type { Move, Status } from './rules.js'

/**
 * The storage contract. Every command is atomic, takes a batch and answers one result per item, in input
 * order; items of a batch take effect one after the other. A refusal is a value and leaves no trace; only a
 * storage that is broken or out of reach throws (see StorageError). Input is validated and encoded before it
 * gets here. Times come from the storage's own clock; `at` replaces it (tests, simulations).
 */
export interface Storage {
  /** For messages and benchmarks: `memory`, `redis`, `postgresql`. */
  readonly name: string
  readonly supports: StorageSupport

  /** Called once before the first command; checks that the storage can be used, says what it lacks. */
  open(): Promise<void>
  /** Releases what the storage itself opened. Commands after it throw. */
  close(): Promise<void>
  /** The storage's clock, epoch milliseconds. */
  now(): Promise<number>

  admit(command: AdmitCommand): Promise<AdmitResult[]>
  claim(command: ClaimCommand): Promise<GenerationRow[]>
  /**
   * `apply`, and behind it `claim`, as one command: one commit from the end of a generation to the start of the next. Leave
   * it out where that costs no less than two.
   */
  applyAndClaim?(command: ApplyCommand, claim: ClaimCommand): Promise<AppliedAndClaimed>
  start(command: StartCommand): Promise<StartResult[]>
  apply(command: ApplyCommand): Promise<ApplyResult[]>
  renew(command: RenewCommand): Promise<RenewResult[]>
  post(command: PostCommand): Promise<PostResult[]>
  limit(command: LimitCommand): Promise<Limit[]>
  /** Removes at most `max` entries; the caller repeats until fewer come back. */
  purge(command: PurgeCommand): Promise<number>
  /**
   * Recomputes what `audit` found to differ, each model and user on its own, atomically. A model: `active` and
   * the waiting and delayed sets from its rows. A user: `reserved` from the live rows, and `granted` as `balance`
   * plus `captured` (a balance that was edited by hand is taken at its word).
   */
  mend(command: MendCommand): Promise<void>

  get(queueIds: readonly number[]): Promise<(GenerationRow | null)[]>
  list(query: ListQuery): Promise<ListPage>
  /** 1 = next; null when it does not wait. Delayed generations ahead are not counted. */
  positions(command: { queueIds: readonly number[]; at?: number }): Promise<(number | null)[]>
  due(query: DueQuery): Promise<DueItem[]>
  /** Of the models named, or of all; models without a limit are left out. */
  stats(query: StatsQuery): Promise<ModelStats[]>
  /** Rollups from `fromHour` on, summed by model, hour, measure and bin. */
  rollups(query: RollupQuery): Promise<RollupFact[]>
  accounts(userIds: readonly string[]): Promise<(Account | null)[]>
  /** Newest first. */
  ledger(query: LedgerQuery): Promise<LedgerPage>
  /** By model id. */
  limits(): Promise<Limit[]>
  /** What the books say beside what the rows say, a page of models and a page of users. */
  audit(query: AuditQuery): Promise<AuditPage>

  /** Calls `wake` when something may start: a generation queued or a slot freed. Returns how to stop. */
  listen?(wake: (modelIds: readonly string[]) => void): Promise<() => Promise<void>>
  /** The same storage inside the caller's own transaction. */
  within?(transaction: unknown): Storage
}

/** What an adapter can and cannot do; the conformance suite and the queue read it. */
export interface StorageSupport {
  /** Seen by other processes. */
  readonly shared: boolean
  /** Survives the death of the process. */
  readonly durable: boolean
  readonly listen: boolean
  readonly transactions: boolean
  /** Most items of one command. */
  readonly batchMax: number
  /** Batches of one kind that may be under way at once from one queue; 1 unless more pays. */
  readonly batchesInFlight: number
}

export type RefusalCode =
  | 'tickets_short'
  | 'tickets_over'
  | 'tickets_overflow'
  | 'model_unknown'
  | 'queue_full'
  | 'idempotency_conflict'
  | 'generation_unknown'
  | 'status_mismatch'
  | 'lease_mismatch'
  | 'not_due'
  | 'model_full'
  | 'model_paused'

/** Nothing changed. `status` is the row's; `available` the user's tickets; `queueId` the conflicting row. */
export interface Refusal {
  readonly ok: false
  readonly code: RefusalCode
  readonly status?: Status
  readonly available?: number
  readonly queueId?: number
}

export interface AdmitItem {
  readonly userId: string
  readonly modelId: string
  readonly modelType: string | null
  readonly prompt: string
  readonly parameters: string
  readonly metadata: string | null
  readonly priority: number
  readonly ticketCost: number
  readonly idempotencyKey: string
  readonly fingerprint: string
  readonly maxAttempts: number
  readonly maxWaitMs: number | null
  /** A token asks to start at once when a slot is free and nobody waits; null always queues. */
  readonly leaseToken: string | null
}

export interface AdmitCommand {
  readonly items: readonly AdmitItem[]
  /** The moves to carry out: into the queue, or straight into a slot. */
  readonly queued: Move
  readonly started: Move
  readonly leaseMs: number
  /** Most generations of one model that may wait. */
  readonly maxQueued: number
  /**
   * true: sent before, and its answer was lost. Where nothing is sent twice at once (not `shared`), only then need an item be
   * looked for whose key core made (its fingerprint is empty); a key that a caller gave is looked for always.
   */
  readonly again?: boolean
  readonly at?: number
}

/** `modelType` is the row's. `position` is null when it does not wait. `leaseToken` only when it is this item's own. */
export interface Admitted {
  readonly ok: true
  /** The same user and key was admitted before: nothing changed, the row's present state is told. */
  readonly duplicate: boolean
  readonly queueId: number
  readonly status: Status
  readonly modelType: string
  readonly attempt: number
  readonly position: number | null
  readonly queuedAt: number
  readonly startedAt: number | null
  readonly leaseToken: string | null
  readonly leaseExpiresAt: number | null
}
export type AdmitResult = Admitted | Refusal

export interface ClaimCommand {
  /** null: all models. */
  readonly modelIds: readonly string[] | null
  /** One token per generation wanted: as many rows at most, each under one of them. */
  readonly tokens: readonly string[]
  readonly claim: Move
  readonly leaseMs: number
  /** true: sent before, and its answer was lost; what it took then, under these tokens, is answered first. */
  readonly again?: boolean
  readonly at?: number
}

export interface StartCommand {
  readonly items: readonly { readonly queueId: number; readonly token: string }[]
  readonly claim: Move
  readonly leaseMs: number
  readonly at?: number
}
export type StartResult = { readonly ok: true; readonly row: GenerationRow } | Refusal

export interface ApplyItem {
  readonly queueId: number
  /** The first move whose `from`, guard and attempts fit is carried out. */
  readonly moves: readonly Move[]
  readonly token: string | null
  /** How many of the reserved tickets to capture when the move settles them; null: the move's default. */
  readonly ticketsUsed: number | null
  /** Not to be started again before this long after now (moves into `waiting`). */
  readonly delayMs: number
  readonly resultUrl: string | null
  readonly output: string | null
  /** Kept on the row; null keeps what stands there, except when it is queued anew. */
  readonly errorMessage: string | null
}

export interface ApplyCommand {
  readonly items: readonly ApplyItem[]
  /** Most generations of one model that may wait (moves from `done` into `waiting`). */
  readonly maxQueued: number
  /** false: results carry `row: null`, which spares the bytes of the payload. */
  readonly rows: boolean
  readonly at?: number
}
/**
 * `repeated`: this very settle (same target status, same token) already won; nothing changed now.
 * `event` is the move's that was carried out, or would have been.
 */
export type ApplyResult =
  | {
      readonly ok: true
      readonly repeated: boolean
      readonly event: Move['event']
      readonly at: number
      readonly row: GenerationRow | null
    }
  | Refusal

export interface AppliedAndClaimed {
  readonly applied: ApplyResult[]
  readonly claimed: GenerationRow[]
}

export interface RenewCommand {
  readonly items: readonly {
    readonly queueId: number
    readonly token: string
    /** 0 to 1; null keeps what stands there. */
    readonly progress: number | null
  }[]
  readonly leaseMs: number
  readonly at?: number
}
/** Refused with `lease_mismatch` when another holds it, `status_mismatch` (and the status) when nobody does. */
export type RenewResult = { readonly ok: true; readonly leaseExpiresAt: number } | Refusal

export interface PostItem {
  readonly userId: string
  /** Positive grants (and opens the account), negative revokes what is not reserved. */
  readonly amount: number
  /** Unique per user: the same key and amount again changes nothing, another amount is a conflict. */
  readonly key: string
  readonly memo: string | null
}
export interface PostCommand {
  readonly items: readonly PostItem[]
  readonly at?: number
}
export type PostResult =
  | { readonly ok: true; readonly repeated: boolean; readonly account: Account }
  | Refusal

export interface LimitItem {
  readonly modelId: string
  /** What is null keeps what stands there, or takes these values' defaults when the model is new. */
  readonly modelType: string | null
  readonly maxConcurrent: number | null
  readonly paused: boolean | null
  /** true: only creates; an existing limit is answered as it is. */
  readonly onlyIfMissing: boolean
  readonly defaults: { readonly modelType: string; readonly maxConcurrent: number }
}
export interface LimitCommand {
  readonly items: readonly LimitItem[]
  readonly at?: number
}

export type PurgeCommand =
  | {
      readonly what: 'generations'
      readonly statuses: readonly Status[]
      /** Settled at or before this time, oldest first; equally old ones go in any order. */
      readonly before: number
      readonly max: number
    }
  | { readonly what: 'ledger' | 'rollups'; readonly before: number; readonly max: number }

export interface MendCommand {
  readonly modelIds: readonly string[]
  readonly userIds: readonly string[]
  readonly at?: number
}

export interface ListQuery {
  readonly statuses: readonly Status[] | null
  readonly modelId: string | null
  readonly userId: string | null
  /** Case-insensitive part of prompt or error message; a page examines at most a bounded number of rows. */
  readonly text: string | null
  /** Settled or queued order is by queueId, newest first; rows below this id. */
  readonly cursor: number | null
  readonly limit: number
}
/** A page may be short (even empty) and still have a cursor; only a null cursor is the end. */
export interface ListPage {
  readonly rows: GenerationRow[]
  readonly cursor: number | null
}

export interface DueQuery {
  /** Leases that expired, or deadlines to start by that passed. Oldest first. */
  readonly what: 'lease' | 'deadline'
  readonly max: number
  readonly at?: number
}
export interface DueItem {
  readonly queueId: number
  readonly modelId: string
  readonly userId: string
  readonly token: string | null
  readonly attempt: number
  readonly maxAttempts: number
}

export interface StatsQuery {
  readonly modelIds: readonly string[] | null
  readonly at?: number
}
export interface ModelStats extends Limit {
  /** Stored generations by status. */
  readonly counts: Readonly<Record<Status, number>>
  /** Queued and allowed to start but for the cap; `delayed` ones wait for their time. */
  readonly waiting: number
  readonly delayed: number
  /** `queuedAt` of the generation that starts next; null when none waits. */
  readonly nextQueuedAt: number | null
  /** Start of each generation that is processing, oldest first, at most ACTIVE_STARTS_MAX. */
  readonly activeStartedAt: readonly number[]
  /** The model's latest run times, newest first, at most RECENT_RUNS_MAX, milliseconds. */
  readonly recentRunMs: readonly number[]
}
export const ACTIVE_STARTS_MAX = 64
export const RECENT_RUNS_MAX = 32

export interface RollupQuery {
  readonly modelIds: readonly string[] | null
  readonly fromHour: number
}

export interface LedgerQuery {
  readonly userId: string
  readonly queueId: number | null
  readonly cursor: number | null
  readonly limit: number
}
export interface LedgerPage {
  readonly entries: LedgerEntry[]
  readonly cursor: number | null
}

export interface AuditQuery {
  /** Models and users after these ids ('' starts); null leaves that half out. */
  readonly modelCursor: string | null
  readonly userCursor: string | null
  readonly limit: number
}
export interface AuditPage {
  readonly models: readonly {
    readonly modelId: string
    readonly maxConcurrent: number
    /** What admission looks at. */
    readonly active: number
    /** Rows in a leased status. */
    readonly leased: number
    /** Rows in a waiting status beside what the waiting and delayed sets hold. */
    readonly waiting: number
    readonly indexed: number
  }[]
  readonly users: readonly {
    readonly account: Account
    /** Sum of `ticketCost` over the user's waiting and leased rows. */
    readonly live: number
  }[]
  /** Where the next page begins; null at the end of that half. */
  readonly modelCursor: string | null
  readonly userCursor: string | null
}
