import { z } from 'zod'
import { storageNow } from './control.js'
import type { Engine } from './engine.js'
import { readInput } from './schemas/input.js'
import type { AuditPage } from './storage.js'
import type { Sweeper } from './sweep.js'

/**
 * What can be wrong, by the names of the guide's troubleshooting section and beyond:
 * - `stuck_processing`: a lease lapsed and nobody took the slot back yet;
 * - `capacity_drift`: the slots counted as taken are not those of the processing generations (also what an app
 *   took by hand and still holds);
 * - `tickets_not_refunded`: more or fewer tickets are reserved than the user's live generations cost;
 * - `ticket_books`: a balance below zero or below what is reserved, or not grants minus captures;
 * - `queue_index`: waiting generations that the queue does not know, or the reverse.
 */
export type Trouble =
  | 'stuck_processing'
  | 'capacity_drift'
  | 'tickets_not_refunded'
  | 'ticket_books'
  | 'queue_index'

export interface Finding {
  readonly trouble: Trouble
  /** Number of the law it breaks, as docs/concepts.md counts them. */
  readonly law: number
  readonly subject: { readonly queueId?: number; readonly modelId?: string; readonly userId?: string }
  readonly message: string
  readonly evidence: Readonly<Record<string, number | string | null>>
}

export interface VerifyReport {
  /** true: every law held for everything that was looked at. */
  readonly ok: boolean
  readonly at: number
  readonly models: number
  readonly users: number
  /** At most FINDINGS_MAX. */
  readonly findings: readonly Finding[]
}

export interface RepairReport {
  readonly dryRun: boolean
  /** What was found, and mended unless it was a dry run. */
  readonly findings: readonly Finding[]
  /** What a second look still finds; the same as `findings` after a dry run. */
  readonly remaining: readonly Finding[]
}

export const FINDINGS_MAX = 1_000
const AUDIT_PAGE = 500

/** Checks the laws against the storage's own rows; reads everything once, in pages, and changes nothing. */
export async function verify(engine: Engine): Promise<VerifyReport> {
  const at = await storageNow(engine)
  const stuck = await findStuck(engine)
  const audited = await findDrift(engine)
  const findings = [...stuck, ...audited.findings].slice(0, FINDINGS_MAX)
  return { ok: findings.length === 0, at, models: audited.models, users: audited.users, findings }
}

const repairSchema = z.strictObject({ dryRun: z.boolean().default(false) }).prefault({})

/** Takes back lapsed slots and recomputes what drifted from the rows; a dry run only tells. */
export async function repair(
  engine: Engine,
  sweeper: Sweeper,
  options?: { readonly dryRun?: boolean | undefined },
): Promise<RepairReport> {
  const { dryRun } = readInput('repair', repairSchema, options)
  const { findings } = await verify(engine)
  if (dryRun || findings.length === 0) return { dryRun, findings, remaining: findings }
  await sweeper.sweep()
  const modelIds = subjects(findings, 'modelId')
  const userIds = subjects(findings, 'userId')
  if (modelIds.length + userIds.length > 0) {
    await engine.call((s) => s.mend({ modelIds, userIds, ...engine.at() }))
  }
  return { dryRun, findings, remaining: (await verify(engine)).findings }
}

/** Subjects whose books are recomputed; a stuck generation is the sweep's. */
function subjects(findings: readonly Finding[], key: 'modelId' | 'userId'): string[] {
  const ids = findings.flatMap(({ trouble, subject }) =>
    trouble !== 'stuck_processing' && subject[key] !== undefined ? [subject[key]] : [],
  )
  return [...new Set(ids)]
}

async function findStuck(engine: Engine): Promise<Finding[]> {
  const due = await engine.call((s) => s.due({ what: 'lease', max: AUDIT_PAGE, ...engine.at() }))
  return due.map(({ queueId, modelId, userId, attempt, maxAttempts }) => ({
    trouble: 'stuck_processing',
    law: 7,
    subject: { queueId, modelId, userId },
    message: `generation ${queueId} is processing under a lease that lapsed; a worker's sweep or repair() takes its slot back`,
    evidence: { attempt, maxAttempts },
  }))
}

async function findDrift(engine: Engine) {
  const findings: Finding[] = []
  let models = 0
  let users = 0
  let modelCursor: string | null = ''
  let userCursor: string | null = ''
  while ((modelCursor !== null || userCursor !== null) && findings.length < FINDINGS_MAX) {
    const query = { modelCursor, userCursor, limit: AUDIT_PAGE }
    const page: AuditPage = await engine.call((s) => s.audit(query))
    models += page.models.length
    users += page.users.length
    findings.push(...page.models.flatMap(checkModel), ...page.users.flatMap(checkUser))
    modelCursor = page.modelCursor
    userCursor = page.userCursor
  }
  return { findings, models, users }
}

function checkModel(model: AuditPage['models'][number]): Finding[] {
  const { modelId, active, leased, waiting, indexed } = model
  const findings: Finding[] = []
  if (active !== leased) {
    findings.push({
      trouble: 'capacity_drift',
      law: 9,
      subject: { modelId },
      message: `model "${modelId}" counts ${active} taken slots, but ${leased} of its generations are processing`,
      evidence: { active, processing: leased },
    })
  }
  if (waiting !== indexed) {
    findings.push({
      trouble: 'queue_index',
      law: 7,
      subject: { modelId },
      message: `model "${modelId}" has ${waiting} queued generations, but its queue holds ${indexed}`,
      evidence: { queued: waiting, indexed },
    })
  }
  return findings
}

function checkUser({ account, live }: AuditPage['users'][number]): Finding[] {
  const { userId, balance, reserved, granted, captured } = account
  const findings: Finding[] = []
  if (reserved !== live) {
    findings.push({
      trouble: 'tickets_not_refunded',
      law: 3,
      subject: { userId },
      message: `user "${userId}" has ${reserved} tickets reserved, but the live generations cost ${live}`,
      evidence: { reserved, live },
    })
  }
  if (reserved < 0 || reserved > balance || balance !== granted - captured) {
    findings.push({
      trouble: 'ticket_books',
      law: 3,
      subject: { userId },
      message: `user "${userId}": balance ${balance}, reserved ${reserved}, granted ${granted}, captured ${captured} do not agree`,
      evidence: { balance, reserved, granted, captured },
    })
  }
  return findings
}
