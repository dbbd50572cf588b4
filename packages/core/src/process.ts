import { z } from 'zod'
import type { Engine } from './engine.js'
import type { GenqueueError } from './errors.js'
import type { GenerationRow } from './generation.js'
import { askedNow, stillHeld } from './late.js'
import { type Lease, type LeaseLike, readToken } from './lease.js'
import { type Generation, presentGeneration } from './present.js'
import { refusalError } from './refusals.js'
import { errorText, type GenerationResult, readResult, ticketsUsedSchema } from './results.js'
import { jitterMs, retryDelayMs } from './retry.js'
import { CLAIM, MOVES } from './rules.js'
import { readInput, readQueueId } from './schemas/input.js'
import { leaseMsSchema } from './settings.js'
import { applyItem, settle } from './settle.js'
import type { ClaimCommand, StartResult } from './storage.js'

export interface ClaimOptions {
  /** Default: all models. */
  readonly models?: readonly string[] | undefined
  /** Most generations to claim; default 1, at most 1,000. */
  readonly max?: number | undefined
  readonly leaseMs?: number | undefined
}

/** A generation that is yours to run until its lease expires. */
export type Claimed = Generation & { readonly lease: Lease }

export interface FailOptions {
  readonly lease?: LeaseLike | undefined
  /** true: back to the queue with a backoff while attempts are left. Default false: failed for good, refunded. */
  readonly retry?: boolean | undefined
  /** Reserved tickets to capture although it failed; default 0. */
  readonly ticketsUsed?: number | undefined
}

export interface Processor {
  start(queueId: number): Promise<Lease>
  claim(options?: ClaimOptions): Promise<Claimed[]>
  complete(
    queueId: number,
    result: string | GenerationResult,
    options?: { readonly lease?: LeaseLike | undefined },
  ): Promise<Generation>
  fail(queueId: number, error: unknown, options?: FailOptions): Promise<Generation>
  heartbeat(queueId: number, lease: LeaseLike, progress?: number): Promise<Lease>
}

export const CLAIM_MAX = 1_000
export const modelIdsSchema = z.array(z.string().min(1)).max(1_000).optional()
const claimSchema = z
  .strictObject({
    models: modelIdsSchema,
    max: z.int().min(1).max(CLAIM_MAX).default(1),
    leaseMs: leaseMsSchema.optional(),
  })
  .prefault({})
const progressSchema = z.number().min(0).max(1).optional()
const failSchema = z
  .strictObject({
    lease: z.unknown().optional(),
    retry: z.boolean().default(false),
    ticketsUsed: ticketsUsedSchema.optional(),
  })
  .prefault({})
const completeSchema = z.strictObject({ lease: z.unknown().optional() }).prefault({})

const optionalToken = (doing: string, lease: unknown) => (lease == null ? null : readToken(doing, lease))

export function createProcessor(engine: Engine): Processor {
  return {
    async start(queueId) {
      const item = { queueId: readQueueId('start', queueId), token: engine.settings.randomness.token() }
      const [result] = await engine.call((s) =>
        s.start({ items: [item], claim: CLAIM, leaseMs: engine.settings.leaseMs, ...engine.at() }),
      )
      const { row } = granted(result as StartResult, queueId)
      announceStarted(engine, row)
      return leaseOf(row)
    },
    async claim(options) {
      const { models, max, leaseMs } = readInput('claim', claimSchema, options)
      const rows = await claimRows(engine, models ?? null, max, leaseMs)
      return rows.map((row) => ({ ...presentGeneration(row), lease: leaseOf(row) }))
    },
    async complete(queueId, result, options) {
      readQueueId('complete', queueId)
      const token = optionalToken('complete', readInput('complete', completeSchema, options).lease)
      const encoded = readResult('complete', result, engine.settings)
      const item = applyItem(queueId, MOVES.complete, { token, ...encoded })
      return presentGeneration(await settle(engine, 'complete', item))
    },
    async fail(queueId, error, options) {
      readQueueId('fail', queueId)
      const { lease, retry, ticketsUsed } = readInput('fail', failSchema, options)
      const token = optionalToken('fail', lease)
      const delayMs = retry ? await delayBeforeRetry(engine, queueId, error) : null
      const moves = delayMs === null ? MOVES.fail : [...MOVES.retryLater, ...MOVES.fail]
      const errorMessage = errorText(error, engine.settings)
      const outcome = { token, ticketsUsed: ticketsUsed ?? null, delayMs: delayMs ?? 0, errorMessage }
      return presentGeneration(await settle(engine, 'fail', applyItem(queueId, moves, outcome)))
    },
    async heartbeat(queueId, lease, progress) {
      readQueueId('heartbeat', queueId)
      const token = readToken('heartbeat', lease)
      const fraction = readInput('heartbeat', progressSchema, progress) ?? null
      const { leaseMs } = engine.settings
      const result = await engine.renew.add({ queueId, token, progress: fraction, leaseMs })
      if (!result.ok) throw leaseLost(result, queueId)
      const attempt = typeof lease === 'object' && 'attempt' in lease ? (lease as Lease).attempt : 1
      return { queueId, token, expiresAt: result.leaseExpiresAt, attempt }
    },
  }
}

/** A lease that is not current is LEASE_LOST, whoever took the generation and whatever became of it. */
export function leaseLost(refusal: Parameters<typeof refusalError>[0], queueId: number): GenqueueError {
  const code = refusal.code === 'status_mismatch' ? 'lease_mismatch' : refusal.code
  return refusalError({ ...refusal, code }, { doing: 'heartbeat', queueId })
}

function granted(result: StartResult, queueId: number) {
  if (!result.ok) throw refusalError(result, { doing: 'start', queueId })
  return result
}

/** Claims under fresh tokens; the rows carry them. */
export async function claimRows(
  engine: Engine,
  modelIds: readonly string[] | null,
  max: number,
  leaseMs?: number,
): Promise<readonly GenerationRow[]> {
  const sent = askedNow(engine, claimCommand(engine, modelIds, max, leaseMs))
  const claimed = await engine.call((s, again) => s.claim({ ...sent.command, again }))
  const rows = await stillHeld(engine, sent, claimed)
  announceClaimed(engine, rows)
  return rows
}

export function claimCommand(
  engine: Engine,
  modelIds: readonly string[] | null,
  max: number,
  leaseMs = engine.settings.leaseMs,
): ClaimCommand {
  const tokens = Array.from({ length: max }, () => engine.settings.randomness.token())
  return { modelIds, tokens, claim: CLAIM, leaseMs, ...engine.at() }
}

export function announceClaimed(engine: Engine, rows: readonly GenerationRow[]): void {
  if (engine.events.heard('started')) for (const row of rows) announceStarted(engine, row)
}

function announceStarted(engine: Engine, row: GenerationRow): void {
  if (!engine.events.heard('started')) return
  const { queueId, userId, modelId, attempt, startedAt } = row
  engine.events.emit('started', { queueId, userId, modelId, attempt, at: startedAt as number })
}

/** A claimed row always carries its lease. */
export const leaseOf = (row: GenerationRow): Lease => ({
  queueId: row.queueId,
  token: row.leaseToken as string,
  expiresAt: row.leaseExpiresAt as number,
  attempt: row.attempt,
})

/** The backoff grows with the attempt, which only the row knows here. */
async function delayBeforeRetry(engine: Engine, queueId: number, error: unknown): Promise<number | null> {
  const { retry, randomness } = engine.settings
  const [row] = await engine.call((s) => s.get([queueId]))
  if (row == null) return jitterMs(1, retry, randomness)
  return retryDelayMs(error, row.attempt, retry, randomness)
}
