import type { Account, GenerationRow, LedgerEntry, Limit, RollupFact } from '../generation.js'
import type { Change } from '../plan/change.js'
import type { Books } from '../plan/commands.js'
import { type LedgerLine, ledgerLines, measuredRunMs, rollupFacts } from '../plan/effects.js'
import { compareWaiting } from '../plan/order.js'
import { STATUS_TABLE } from '../rules.js'
import type { AdmitItem } from '../storage.js'

/** Everything a storage keeps, as plain lists: slow, and obviously right. */
export class Tables implements Books {
  rows = new Map<number, GenerationRow>()
  accounts = new Map<string, Account>()
  limits = new Map<string, Limit>()
  ledger: LedgerEntry[] = []
  facts: RollupFact[] = []
  /** Run times by model, newest first. */
  runs = new Map<string, number[]>()
  lastQueueId = 0
  lastEntryId = 0

  nextQueueId(): number {
    this.lastQueueId += 1
    return this.lastQueueId
  }

  row(queueId: number): GenerationRow | undefined {
    return this.rows.get(queueId)
  }

  rowOfKey({ userId, idempotencyKey }: AdmitItem): GenerationRow | undefined {
    return this.all().find((row) => row.userId === userId && row.idempotencyKey === idempotencyKey)
  }

  account(userId: string): Account | undefined {
    return this.accounts.get(userId)
  }

  posted(userId: string, key: string): LedgerEntry | undefined {
    return this.ledger.find((entry) => entry.userId === userId && entry.key === key)
  }

  limit(modelId: string): Limit | undefined {
    return this.limits.get(modelId)
  }

  modelIds(): Iterable<string> {
    return this.limits.keys()
  }

  all(): GenerationRow[] {
    return [...this.rows.values()]
  }

  /** Rows of the model in a place, in queue order. */
  inPlace(modelId: string, place: 'waiting' | 'leased' | 'done'): GenerationRow[] {
    return this.all()
      .filter((row) => row.modelId === modelId && STATUS_TABLE[row.status].place === place)
      .sort(compareWaiting)
  }

  startable(modelId: string, at: number): GenerationRow[] {
    return this.inPlace(modelId, 'waiting').filter((row) => row.notBefore === null || row.notBefore <= at)
  }

  waiting(modelId: string, at: number): number {
    return this.startable(modelId, at).length
  }

  queued(modelId: string): number {
    return this.inPlace(modelId, 'waiting').length
  }

  ahead(row: GenerationRow, at: number): number {
    return this.startable(row.modelId, at).filter((other) => compareWaiting(other, row) < 0).length
  }

  next(modelId: string, at: number): GenerationRow | undefined {
    return this.startable(modelId, at)[0]
  }

  write(change: Change): void {
    const { move, row, account } = change
    this.rows.set(row.queueId, row)
    const limit = this.limits.get(row.modelId)
    if (limit !== undefined) this.limits.set(row.modelId, { ...limit, active: limit.active + move.slot })
    if (account !== null) this.accounts.set(account.userId, account)
    for (const line of ledgerLines(change)) this.record(line)
    this.facts.push(...rollupFacts(change))
    const runMs = measuredRunMs(change)
    if (runMs !== null) this.runs.set(row.modelId, [runMs, ...(this.runs.get(row.modelId) ?? [])])
  }

  writeRenewed(_before: GenerationRow, after: GenerationRow): void {
    this.rows.set(after.queueId, after)
  }

  writePost(account: Account, line: LedgerLine): void {
    this.accounts.set(account.userId, account)
    this.record(line)
  }

  writeLimit(limit: Limit): void {
    this.limits.set(limit.modelId, limit)
  }

  /** Sum of what the user's live generations hold. */
  live(userId: string): number {
    return this.all()
      .filter((row) => row.userId === userId && STATUS_TABLE[row.status].tickets === 'reserved')
      .reduce((sum, row) => sum + row.ticketCost, 0)
  }

  private record(line: LedgerLine): void {
    this.lastEntryId += 1
    this.ledger.push({ entryId: this.lastEntryId, ...line })
  }
}
