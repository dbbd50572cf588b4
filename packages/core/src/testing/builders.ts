import { ADMIT_QUEUED, ADMIT_STARTED, CLAIM, EVENTS, type EventName, MOVES } from '../rules.js'
import { applyItem as coreApplyItem } from '../settle.js'
import type {
  AdmitCommand,
  AdmitItem,
  ApplyCommand,
  ApplyItem,
  ClaimCommand,
  LimitCommand,
  LimitItem,
  ListQuery,
  PostCommand,
  RenewCommand,
  StartCommand,
} from '../storage.js'

/** Commands with everything filled in that a test does not care about. */

export const LEASE_MS = 12_000
/** Events that `apply` carries out; the others belong to admit, claim and start. */
export const APPLIED: readonly EventName[] = EVENTS.filter(
  (event) => !['admit', 'admitStarted', 'claim'].includes(event),
)
const MAX_QUEUED = 100_000
let made = 0

export const admitItem = (overrides: Partial<AdmitItem> = {}): AdmitItem => {
  made += 1
  return {
    userId: 'ada',
    modelId: 'm',
    modelType: null,
    prompt: 'a lighthouse in the fog',
    parameters: '{}',
    metadata: null,
    priority: 0,
    ticketCost: 1,
    idempotencyKey: `key-${made}`,
    fingerprint: '',
    maxAttempts: 3,
    maxWaitMs: null,
    leaseToken: null,
    ...overrides,
  }
}

export const admitCommand = (
  items: readonly AdmitItem[],
  at: number,
  overrides: Partial<AdmitCommand> = {},
): AdmitCommand => ({
  items,
  queued: ADMIT_QUEUED,
  started: ADMIT_STARTED,
  leaseMs: LEASE_MS,
  maxQueued: MAX_QUEUED,
  at,
  ...overrides,
})

export const claimCommand = (
  tokens: readonly string[],
  at: number,
  overrides: Partial<ClaimCommand> = {},
): ClaimCommand => ({ modelIds: null, tokens, claim: CLAIM, leaseMs: LEASE_MS, at, ...overrides })

export const startCommand = (items: StartCommand['items'], at: number): StartCommand => ({
  items,
  claim: CLAIM,
  leaseMs: LEASE_MS,
  at,
})

/** The item of one or several events, first that fits. */
export const applyItem = (
  queueId: number,
  events: EventName | readonly EventName[],
  overrides: Partial<ApplyItem> = {},
): ApplyItem =>
  coreApplyItem(
    queueId,
    (typeof events === 'string' ? [events] : events).flatMap((event) => MOVES[event]),
    overrides,
  )

export const applyCommand = (
  items: readonly ApplyItem[],
  at: number,
  overrides: Partial<ApplyCommand> = {},
): ApplyCommand => ({ items, maxQueued: MAX_QUEUED, rows: true, at, ...overrides })

export const renewCommand = (items: RenewCommand['items'], at: number, leaseMs = LEASE_MS): RenewCommand => ({
  items,
  leaseMs,
  at,
})

export const postCommand = (userId: string, amount: number, at: number, key?: string): PostCommand => {
  made += 1
  return { items: [{ userId, amount, key: key ?? `post-${made}`, memo: null }], at }
}

export const limitItem = (modelId: string, overrides: Partial<LimitItem> = {}): LimitItem => ({
  modelId,
  modelType: null,
  maxConcurrent: null,
  paused: null,
  onlyIfMissing: false,
  defaults: { modelType: 'image', maxConcurrent: 1 },
  ...overrides,
})

export const limitCommand = (items: readonly LimitItem[], at: number): LimitCommand => ({ items, at })

export const listQuery = (overrides: Partial<ListQuery> = {}): ListQuery => ({
  statuses: null,
  modelId: null,
  userId: null,
  text: null,
  cursor: null,
  limit: 50,
  ...overrides,
})
