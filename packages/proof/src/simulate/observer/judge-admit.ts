import type { AdmitCommand, AdmitItem, AdmitResult, Admitted, Refusal } from '@genqueue/core'
import type { Books, Known } from './books.js'
import { aheadOf, freeSlots, mayStart, mightStart } from './order.js'
import { demand, Violation } from './violation.js'

/** Admissions: tickets, keys, the cap, and that no newcomer overtakes. */
export function judgeAdmit(
  books: Books,
  command: AdmitCommand,
  results: readonly AdmitResult[],
  at: number,
): number[] {
  const touched: number[] = []
  for (const [i, item] of command.items.entries()) {
    const result = results[i]
    const subject = { modelId: item.modelId, userId: item.userId }
    demand(result !== undefined, 'contract', subject, () => 'an item of a batch has no answer')
    if (!result.ok) refused(books, item, command, result, at)
    else if (result.duplicate) recognised(books, item, result, at)
    else accepted(books, item, command, result, at)
    if (result.ok) touched.push(result.queueId)
  }
  return touched
}

function accepted(books: Books, item: AdmitItem, command: AdmitCommand, result: Admitted, at: number): void {
  const { queueId } = result
  const { userId, modelId } = item
  const subject = { queueId, userId, modelId }
  const same = books.ofKey(userId, item.idempotencyKey)
  demand(same === undefined, 8, subject, () => `a second generation under the key of #${same?.queueId}`)
  const known = books.generations.has(queueId) || books.cleared.has(queueId)
  demand(!known, 'contract', subject, () => `the number ${queueId} was given twice`)
  demand(result.queuedAt === at, 'contract', subject, () => `queued at ${result.queuedAt}, not at ${at}`)
  const model = books.model(modelId)
  const starts = result.status === 'processing'
  const others = [...model.waiting]
  const overtaken = others.find((other) => mayStart(other, at))
  const due = item.leaseToken !== null && freeSlots(model) > 0
  if (starts) {
    demand(item.leaseToken !== null, 'contract', subject, () => 'started although it was to be queued')
    demand(overtaken === undefined, 2, subject, () => `a newcomer overtook #${overtaken?.queueId}`)
  } else {
    const nobody = !others.some((other) => mightStart(books, other, at))
    demand(!(due && nobody), 'contract', subject, () => 'queued although a slot is free and nobody waits')
    const { maxQueued } = command
    demand(others.length < maxQueued, 'contract', subject, () => `queued beyond maxQueued ${maxQueued}`)
  }
  const row = newcomer(item, queueId, at)
  books.add(row)
  if (!starts) {
    positioned(books, row, result, at)
    return
  }
  const { leaseToken, leaseExpiresAt } = result
  const told = leaseToken === item.leaseToken && leaseExpiresAt === at + command.leaseMs
  demand(told, 5, subject, () => `told of lease ${leaseToken} until ${leaseExpiresAt}`)
  books.grant(row, item.leaseToken as string, command.leaseMs, at)
}

function newcomer(item: AdmitItem, queueId: number, at: number): Known {
  const { userId, modelId, fingerprint, priority, maxAttempts, maxWaitMs } = item
  return {
    queueId,
    userId,
    modelId,
    key: item.idempotencyKey,
    fingerprint,
    cost: item.ticketCost,
    priority,
    maxAttempts,
    maxWaitMs,
    status: 'queued',
    attempt: 0,
    queuedAt: at,
    notBefore: null,
    deadlineAt: maxWaitMs === null ? null : at + maxWaitMs,
    settledAt: null,
    token: null,
    leaseUntil: null,
    leftBy: null,
    used: null,
    settles: 0,
    announced: 0,
    lines: [],
  }
}

function positioned(books: Books, known: Known, { position }: Admitted, at: number): void {
  const { surely, atMost } = aheadOf(books, known, at)
  // Where clocks differ, a newcomer may be the older one, and is told its place as the newest.
  const most = books.wentBack ? books.model(known.modelId).waiting.size : atMost + 1
  const right = position !== null && position > surely && position <= most
  demand(right, 'contract', known, () => `position ${position} with ${surely} ahead`)
}

function recognised(books: Books, item: AdmitItem, result: Admitted, at: number): void {
  const { userId, idempotencyKey, fingerprint, leaseToken } = item
  const known = books.ofKey(userId, idempotencyKey)
  const subject = { queueId: result.queueId, userId }
  demand(known !== undefined, 8, subject, () => 'recognised a key that was never used')
  demand(known.queueId === result.queueId, 8, subject, () => `it is #${known.queueId}`)
  demand(
    known.fingerprint === fingerprint,
    8,
    subject,
    () => 'another payload under a known key was accepted',
  )
  demand(known.status === result.status, 9, subject, () => `told ${result.status}, is ${known.status}`)
  const own = known.token !== null && known.token === leaseToken ? known.token : null
  demand(result.leaseToken === own, 5, subject, () => 'a lease was told to one who does not hold it')
  if (known.status === 'queued') positioned(books, known, result, at)
}

function refused(books: Books, item: AdmitItem, command: AdmitCommand, refusal: Refusal, at: number): void {
  const { userId, modelId, ticketCost, idempotencyKey, fingerprint } = item
  const subject = { userId, modelId }
  const known = books.ofKey(userId, idempotencyKey)
  const { code } = refusal
  if (known !== undefined || code === 'idempotency_conflict') {
    const conflict = known !== undefined && known.fingerprint !== fingerprint
    demand(conflict && code === 'idempotency_conflict', 8, subject, () => `a known key was refused: ${code}`)
    return
  }
  const model = books.models.get(modelId)
  if (code === 'model_unknown') {
    demand(model === undefined, 'contract', subject, () => `${modelId} has a limit`)
  } else if (code === 'tickets_short') {
    const available = books.available(userId)
    demand(ticketCost > available, 3, subject, () => `refused ${ticketCost} of ${available} tickets`)
  } else if (code === 'queue_full') {
    const waiting = model === undefined ? [] : [...model.waiting]
    const full = waiting.length >= command.maxQueued
    demand(full, 'contract', subject, () => `full at ${waiting.length} of ${command.maxQueued}`)
    const startable = item.leaseToken !== null && model !== undefined && freeSlots(model) > 0
    const nobody = !waiting.some((other) => mightStart(books, other, at))
    demand(!(startable && nobody), 'contract', subject, () => 'refused although a slot is free')
  } else {
    throw new Violation('contract', subject, `an admission was refused with ${code}`)
  }
}
