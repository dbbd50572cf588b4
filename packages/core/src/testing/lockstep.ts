import { findBreaches, findStepBreaches, type Snapshot } from '../laws.js'
import { STATUSES } from '../rules.js'
import type { AdmitCommand, ListQuery, Storage } from '../storage.js'
import {
  admitCommand,
  admitItem,
  applyCommand,
  applyItem,
  claimCommand,
  limitCommand,
  limitItem,
  listQuery,
  renewCommand,
  startCommand,
} from './builders.js'
import { canonical, equal } from './check.js'
import { applyAndClaim, sortFacts, T0 } from './harness.js'
import { type AdmitDraft, type ApplyDraft, MODELS, type Step, USERS } from './model-steps.js'
import { tableStorage } from './table-storage.js'
import { Tables } from './tables.js'

const MAX_QUEUED = 6
const FIRST_GRANT = 20
const UNKNOWN_ID = 999_999
/** Younger settled generations are kept by a purge step. */
const PURGE_AGE_MS = 400
const PURGE_MAX = 500
const PAGE = 4
const PAGES_MAX = 100

/** Both storages side by side; ids may differ between them, so commands name rows by the order of their admission. */
export class Lockstep {
  at = T0
  readonly #tables = new Tables()
  readonly #reference = tableStorage({ tables: this.#tables })
  readonly #subject: Storage
  /** queueId of the subject by queueId of the reference. */
  readonly #ids = new Map<number, number>()
  #tokens = 0

  constructor(subject: Storage) {
    this.#subject = subject
  }

  async prepare(): Promise<void> {
    const limits = MODELS.map((id, i) => limitItem(id, { maxConcurrent: i + 1 }))
    await this.#same('limits', (s) => s.limit(limitCommand(limits, T0)))
    const items = USERS.map((userId) => ({ userId, amount: FIRST_GRANT, key: 'first', memo: null }))
    await this.#same('grants', (s) => s.post({ items, at: T0 }))
  }

  /** One step on both; the answers must be equal, and every law must hold after it. */
  async run(step: Step): Promise<void> {
    const before = this.#snapshot()
    await this.#carryOut(step)
    const after = this.#snapshot()
    const removed = step.do === 'purge' ? step.statuses : []
    equal(
      [...findBreaches(after), ...findStepBreaches(before, after, removed)],
      [],
      `laws after ${canonical(step)}`,
    )
  }

  #snapshot(): Snapshot {
    const { accounts, limits } = this.#tables
    return { rows: this.#tables.all(), accounts: [...accounts.values()], limits: [...limits.values()] }
  }

  #carryOut(step: Step): Promise<void> | void {
    const { at } = this
    switch (step.do) {
      case 'wait':
        this.at += step.ms
        return
      case 'admit':
        return this.#admit(step)
      case 'claim': {
        const tokens = Array.from({ length: step.max }, () => this.#token())
        const modelIds = step.model === null ? null : [MODELS[step.model] as string]
        const { leaseMs } = step
        return this.#same(step, (s) => s.claim(claimCommand(tokens, at, { modelIds, leaseMs })))
      }
      case 'start': {
        const items = step.rows.map((row) => ({ queueId: this.#queueId(row), token: this.#token() }))
        return this.#same(step, (s, ids) => s.start(startCommand(items.map(ids), at)))
      }
      case 'apply': {
        const items = step.items.map((draft) => this.#applyItem(draft))
        const command = applyCommand(items, at, { maxQueued: MAX_QUEUED })
        return this.#same(step, (s, ids) => s.apply({ ...command, items: items.map(ids) }))
      }
      case 'applyAndClaim': {
        const items = step.items.map((draft) => this.#applyItem(draft))
        const command = applyCommand(items, at, { maxQueued: MAX_QUEUED, rows: false })
        const claim = claimCommand(
          Array.from({ length: step.max }, () => this.#token()),
          at,
        )
        return this.#same(step, (s, ids) => applyAndClaim(s, { ...command, items: items.map(ids) }, claim))
      }
      case 'renew': {
        const items = step.items.map(({ row, stale }) => ({
          queueId: this.#queueId(row),
          token: stale ? 'stale' : (this.#row(row)?.leaseToken ?? 'none'),
          progress: 0.5,
        }))
        return this.#same(step, (s, ids) => s.renew(renewCommand(items.map(ids), at)))
      }
      case 'post': {
        const items = step.items.map(({ user, amount, key }) => ({
          userId: USERS[user] as string,
          amount,
          key: `post-${key}`,
          memo: null,
        }))
        return this.#same(step, (s) => s.post({ items, at }))
      }
      case 'limit': {
        const { maxConcurrent, paused } = step
        const item = limitItem(MODELS[step.model] as string, { maxConcurrent, paused })
        return this.#same(step, (s) => s.limit(limitCommand([item], at)))
      }
      case 'purge': {
        // All that is old enough: which of equally old ones go first is a storage's own business.
        const { statuses } = step
        const command = { what: 'generations', statuses, before: at - PURGE_AGE_MS, max: PURGE_MAX } as const
        return this.#same(step, (s) => s.purge(command))
      }
    }
  }

  async #admit(step: Step & { do: 'admit' }): Promise<void> {
    const items = step.items.map((draft) => this.#admitItem(draft))
    const command = admitCommand(items, this.at, { maxQueued: MAX_QUEUED })
    await this.#admitOnBoth(step, command)
    if (step.again) await this.#admitOnBoth(step, { ...command, again: true })
  }

  async #admitOnBoth(step: Step & { do: 'admit' }, command: AdmitCommand): Promise<void> {
    const expected = await this.#reference.admit(command)
    const actual = await this.#subject.admit(command)
    for (const [i, result] of expected.entries()) {
      const twin = actual[i]
      if (result.ok && twin?.ok && !result.duplicate) this.#ids.set(result.queueId, twin.queueId)
    }
    equal(actual, this.#translated(expected), `answers to ${canonical(step)}`)
  }

  #admitItem({ user, model, cost, priority, start, key, maxAttempts, maxWaitMs }: AdmitDraft) {
    // Without one, the builder makes a key, as core does.
    const given = key === null ? {} : { idempotencyKey: `key-${key}`, fingerprint: `${cost}` }
    return admitItem({
      userId: USERS[user] as string,
      modelId: MODELS[model] as string,
      ticketCost: cost,
      priority,
      leaseToken: start ? this.#token() : null,
      maxAttempts,
      maxWaitMs,
      ...given,
    })
  }

  #applyItem({ row, events, token, used, delayMs }: ApplyDraft) {
    const known = this.#row(row)
    const own = known?.leaseToken ?? known?.releasedBy ?? null
    return applyItem(this.#queueId(row), events, {
      token: token === 'none' ? null : token === 'own' ? own || null : 'stale',
      ticketsUsed: used,
      delayMs,
      errorMessage: 'why',
    })
  }

  /** All there is to see, on both. */
  async compare(): Promise<void> {
    const { at } = this
    await this.#same('rows', async (s) => (await s.list(listQuery({ limit: 200 }))).rows)
    for (const status of STATUSES) await this.#same(status, (s) => allPages(s, { statuses: [status] }))
    for (const userId of USERS) await this.#same(userId, (s) => allPages(s, { userId }))
    await this.#same('accounts', (s) => s.accounts(USERS))
    await this.#same('limits', (s) => s.limits())
    await this.#same('stats', (s) => s.stats({ modelIds: MODELS, at }))
    await this.#same('due', (s) => s.due({ what: 'lease', max: 50, at }))
    await this.#same('overdue', (s) => s.due({ what: 'deadline', max: 50, at }))
    await this.#same('rollups', async (s) =>
      sortFacts((await s.rollups({ modelIds: null, fromHour: 0 })).map(sortFields)),
    )
    await this.#same('audit', (s) => s.audit({ modelCursor: '', userCursor: '', limit: 50 }))
    for (const userId of USERS) {
      await this.#same('ledger', async (s) => {
        const { entries } = await s.ledger({ userId, queueId: null, cursor: null, limit: 200 })
        return entries.map(({ entryId: _, ...line }) => line)
      })
    }
    const rows = [...this.#ids.keys(), UNKNOWN_ID].map((queueId) => ({ queueId }))
    await this.#same('positions', (s, ids) =>
      s.positions({ queueIds: rows.map(ids).map(({ queueId }) => queueId), at }),
    )
  }

  #token(): string {
    this.#tokens += 1
    return `token-${this.#tokens}`
  }

  #row(index: number) {
    const rows = this.#tables.all()
    return rows.length === 0 ? undefined : rows[index % rows.length]
  }

  #queueId(index: number): number {
    return this.#row(index)?.queueId ?? UNKNOWN_ID
  }

  /** The same command to both, with each one's own ids in it; the answers must be equal. */
  async #same<Result>(
    what: unknown,
    command: (
      storage: Storage,
      ids: <Item extends { readonly queueId: number }>(item: Item) => Item,
    ) => Promise<Result>,
  ): Promise<void> {
    const expected = await command(this.#reference, (item) => item)
    const actual = await command(this.#subject, (item) => this.#translated(item) as typeof item)
    equal(actual, this.#translated(expected), `answers to ${canonical(what)}`)
  }

  /** What the reference says, with the ids that the subject has. */
  #translated(value: unknown): unknown {
    if (Array.isArray(value)) return value.map((entry) => this.#translated(entry))
    if (typeof value !== 'object' || value === null) return value
    return Object.fromEntries(
      Object.entries(value).map(([key, entry]) => [
        key,
        key === 'queueId' && typeof entry === 'number'
          ? (this.#ids.get(entry) ?? entry)
          : this.#translated(entry),
      ]),
    )
  }
}

/** Every page of a list; how long the pages are is the storage's own business. */
async function allPages(storage: Storage, filter: Partial<ListQuery>) {
  const rows = []
  let cursor: number | null = null
  for (let page = 0; page < PAGES_MAX; page++) {
    const found: Awaited<ReturnType<Storage['list']>> = await storage.list(
      listQuery({ ...filter, cursor, limit: PAGE }),
    )
    rows.push(...found.rows)
    cursor = found.cursor
    if (cursor === null) break
  }
  return rows
}

const sortFields = <Fact extends object>(fact: Fact) =>
  Object.fromEntries(Object.entries(fact).sort(([a], [b]) => (a < b ? -1 : 1)))
