export type { CancelOptions, ClearOptions } from './control.js'
export type { DrainOptions, DrainReport } from './drain.js'
export { ERROR_STATUS, type ErrorCode, GenqueueError, isGenqueueError, StorageError } from './errors.js'
export { estimateWait, type WaitEstimate, type WaitInput } from './estimate.js'
export type { GenerationEvent, QueueEventName, QueueEvents } from './events.js'
export {
  type Account,
  type GenerationRow,
  HOUR_MS,
  type Json,
  type LedgerEntry,
  type LedgerKind,
  type Limit,
  type RollupFact,
} from './generation.js'
export type { Finding, RepairReport, Trouble, VerifyReport } from './health.js'
export { HISTOGRAM_BOUNDS_MS, histogramBin, quantile } from './histogram.js'
export type { RunOutcome } from './inline.js'
export { type Breach, findBreaches, findStepBreaches, type Snapshot } from './laws.js'
export type { Lease, LeaseLike } from './lease.js'
export type { LimitPatch, Limits } from './limits.js'
export { DEFAULT_MODELS, type ModelDefault } from './models.js'
export { type AdmitPlan, type AdmitSight, admitted, planAdmit } from './plan/admit.js'
export { type ApplyPlan, type ApplySight, planApply } from './plan/apply.js'
export { type Change, refuse } from './plan/change.js'
export {
  type Books,
  positionIn,
  runAdmit,
  runApply,
  runClaim,
  runLimit,
  runPost,
  runRenew,
  runStart,
} from './plan/commands.js'
export {
  type FactTaker,
  giveFacts,
  giveLines,
  type LedgerLine,
  type LineTaker,
  ledgerLines,
  measuredRunMs,
  rollupFacts,
} from './plan/effects.js'
export { freeSlots, planGrant, planStart } from './plan/grant.js'
export { planLimit } from './plan/limit.js'
export { compareWaiting } from './plan/order.js'
export { BALANCE_MAX, type PostPlan, planPost } from './plan/post.js'
export { planRenew } from './plan/renew.js'
export type { Generation } from './present.js'
export type { Claimed, ClaimOptions, FailOptions } from './process.js'
export type { EnqueueResult, Queued, Submission } from './produce.js'
export { createQueue, type Queue } from './queue.js'
export type { GenerationPage, ListFilter } from './read.js'
export type { GenerationResult } from './results.js'
export {
  ADMIT_QUEUED,
  ADMIT_STARTED,
  type AttemptEffect,
  type AttemptGuard,
  CLAIM,
  CLEARABLE,
  EVENT_TABLE,
  EVENTS,
  type EventName,
  type Guard,
  MOVES,
  type Move,
  type Place,
  STATUS_TABLE,
  STATUSES,
  type Status,
  type TicketState,
} from './rules.js'
export type { Handler, HandlerContext, RunEnd } from './run.js'
export { type Clock, type Randomness, systemClock, systemRandomness } from './runtime.js'
export type { GenerationRequest } from './schemas/request.js'
export { DEFAULT_SIZES, PRIORITY_MAX, type Sizes } from './schemas/sizes.js'
export type { Logger, ModelsOption, QueueOptions, Retention, RetryPolicy } from './settings.js'
export type { Durations, HourReport, ModelReport, StatsReport } from './stats.js'
export type { GenerationStatus } from './status-reader.js'
export {
  ACTIVE_STARTS_MAX,
  type AdmitCommand,
  type AdmitItem,
  type AdmitResult,
  type Admitted,
  type AppliedAndClaimed,
  type ApplyCommand,
  type ApplyItem,
  type ApplyResult,
  type AuditPage,
  type AuditQuery,
  type ClaimCommand,
  type DueItem,
  type DueQuery,
  type LedgerPage,
  type LedgerQuery,
  type LimitCommand,
  type LimitItem,
  type ListPage,
  type ListQuery,
  type MendCommand,
  type ModelStats,
  type PostCommand,
  type PostItem,
  type PostResult,
  type PurgeCommand,
  RECENT_RUNS_MAX,
  type Refusal,
  type RefusalCode,
  type RenewCommand,
  type RenewResult,
  type RollupQuery,
  type StartCommand,
  type StartResult,
  type StatsQuery,
  type Storage,
  type StorageSupport,
} from './storage.js'
export type { HistoryPage, HistoryQuery, PostOptions, TicketAccount, Tickets } from './tickets.js'
export { appendTimeline, parseTimeline, TIMELINE_MAX, type TimelineEntry } from './timeline.js'
export type { TransactionQueue } from './transaction.js'
export type { Worker, WorkerEvents, WorkerOptions } from './worker.js'
