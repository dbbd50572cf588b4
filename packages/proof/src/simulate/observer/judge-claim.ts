import type { ClaimCommand, GenerationRow, Refusal, StartCommand, StartResult } from '@genqueue/core'
import type { Books, Known, Model } from './books.js'
import { aheadOf, freeSlots, goesBefore, mayStart, mightStart, nextOf } from './order.js'
import { compareRow } from './rows.js'
import { demand, Violation } from './violation.js'

/** Claims: the cap, the order of starts, and that nobody is left waiting beside a free slot. */
export function judgeClaim(
  books: Books,
  command: ClaimCommand,
  rows: readonly GenerationRow[],
  at: number,
): number[] {
  const { modelIds, tokens, leaseMs } = command
  const models = [...books.models.values()].filter((model) => modelIds?.includes(model.modelId) ?? true)
  const unused = new Set(tokens)
  for (const row of rows) {
    if (recalled(books, command, row)) {
      unused.delete(row.leaseToken ?? '')
      continue
    }
    const known = whoWaits(books, row.queueId)
    const { queueId, modelId } = known
    const subject = { queueId, modelId }
    const token = row.leaseToken ?? ''
    demand(unused.delete(token), 5, subject, () => `started under a lease that nobody asked for: ${token}`)
    const asked = models.some((model) => model.modelId === modelId)
    demand(asked, 'contract', subject, () => `${modelId} was not asked for`)
    demand(mightStart(books, known, at), 2, subject, () => `started before ${known.notBefore}`)
    const own = nextOf(books.model(modelId), at)
    demand(!overtakes(known, own), 2, subject, () => `started before #${own?.queueId}, which comes first`)
    const first = firstOf(models, at)
    const what = () => `started before #${first?.queueId} of another model, which comes first`
    demand(!overtakes(known, first), 'contract', subject, what)
    books.grant(known, token, leaseMs, at)
    compareRow(known, row)
  }
  if (books.recalls && command.again === true) {
    const orphan = models.flatMap(({ leased }) => [...leased]).find((known) => unused.has(known.token ?? ''))
    demand(
      orphan === undefined,
      'contract',
      orphan ?? {},
      () => `#${orphan?.queueId} was taken before, and not told`,
    )
  }
  const left = unused.size > 0 ? firstOf(models, at) : undefined
  demand(left === undefined, 7, left ?? {}, () => `#${left?.queueId} was left waiting beside a free slot`)
  return rows.map((row) => row.queueId)
}

/** A claim whose answer was lost is sent again: it is told what it holds already, as it stands now. */
function recalled(books: Books, { again, tokens }: ClaimCommand, row: GenerationRow): boolean {
  const known = books.generations.get(row.queueId)
  if (again !== true || known?.token == null || !tokens.includes(known.token)) return false
  compareRow(known, row)
  return true
}

const overtakes = (known: Known, first: Known | undefined): boolean =>
  first !== undefined && first !== known && goesBefore(first, known)

/** The first of all that may start in models with a free slot. */
function firstOf(models: readonly Model[], at: number): Known | undefined {
  let first: Known | undefined
  for (const model of models) {
    const next = freeSlots(model) > 0 ? nextOf(model, at) : undefined
    if (next !== undefined && (first === undefined || goesBefore(next, first))) first = next
  }
  return first
}

function whoWaits(books: Books, queueId: number): Known {
  const known = books.generations.get(queueId)
  demand(known !== undefined, 'contract', { queueId }, () => `there is no generation ${queueId}`)
  demand(known.status === 'queued', 6, known, () => `started what is ${known.status}`)
  return known
}

/** Explicit starts: only where the order gives a free slot. */
export function judgeStart(
  books: Books,
  command: StartCommand,
  results: readonly StartResult[],
  at: number,
): number[] {
  const touched: number[] = []
  for (const [i, { queueId, token }] of command.items.entries()) {
    const result = results[i]
    demand(result !== undefined, 'contract', { queueId }, () => 'an item of a batch has no answer')
    const known = books.generations.get(queueId)
    if (!result.ok) refusedStart(books, queueId, result, at)
    else {
      const waiting = whoWaits(books, queueId)
      const model = books.model(waiting.modelId)
      demand(mightStart(books, waiting, at), 2, waiting, () => `started before ${waiting.notBefore}`)
      const { surely } = aheadOf(books, waiting, at)
      const free = freeSlots(model)
      const law = model.leased.size >= model.cap ? 1 : 2
      demand(surely < free, law, waiting, () => `started with ${surely} ahead and ${free} slots free`)
      books.grant(waiting, token, command.leaseMs, at)
      compareRow(waiting, result.row)
    }
    if (known !== undefined) touched.push(queueId)
  }
  return touched
}

function refusedStart(books: Books, queueId: number, { code }: Refusal, at: number): void {
  const known = books.generations.get(queueId)
  const wrong = (why: string) =>
    new Violation('contract', { queueId }, `start was refused with ${code}: ${why}`)
  if (known === undefined) {
    if (code !== 'generation_unknown') throw wrong('there is none')
    return
  }
  const model = books.model(known.modelId)
  if (code === 'status_mismatch' && known.status !== 'queued') return
  if (code === 'not_due' && !mayStart(known, at)) return
  if (code === 'model_paused' && model.paused) return
  if (code === 'model_full' && aheadOf(books, known, at).atMost >= freeSlots(model)) return
  throw wrong(`it is ${known.status}, ${freeSlots(model)} slots are free`)
}
