import type { GenerationRow, LedgerEntry } from '../generation.js'
import type { EventName, Status } from '../rules.js'
import type {
  AdmitItem,
  Admitted,
  AppliedAndClaimed,
  ApplyCommand,
  ApplyResult,
  ClaimCommand,
  Storage,
} from '../storage.js'
import {
  admitCommand,
  admitItem,
  applyCommand,
  applyItem,
  claimCommand,
  limitCommand,
  limitItem,
  listQuery,
  postCommand,
} from './builders.js'
import { equal, fail, ok } from './check.js'

/** A storage under test. */
export interface OpenedStorage {
  readonly storage: Storage
  /** A second handle on the same data, as another process would have; the same object when it is not shared. */
  another(): Promise<Storage>
  /** Closes everything and removes the data. */
  destroy(): Promise<void>
}

/** How to make a fresh, empty storage: the only thing an adapter's author writes. */
export interface Harness {
  readonly name: string
  create(): Promise<OpenedStorage>
}

/** The part of a test runner that the suite uses; vitest, jest, mocha and node:test fit. */
export interface Runner {
  describe(name: string, body: () => void): unknown
  it(name: string, body: () => Promise<void>): unknown
}

/** Where the tests' time stands; every command carries an explicit time from here. */
export const T0 = 1_700_000_000_000

/** A case: opens a storage with model `m` (two slots), `one` (one slot) and ada's 100 tickets, closes it after. */
export type Case = (stage: Stage) => Promise<void>

export const inCase = (harness: Harness, body: Case) => async () => {
  const opened = await harness.create()
  try {
    await opened.storage.open()
    const stage = new Stage(opened)
    await stage.prepare()
    await body(stage)
  } finally {
    await opened.destroy()
  }
}

/** One command where the storage has it, otherwise one behind the other. */
export async function applyAndClaim(
  storage: Storage,
  command: ApplyCommand,
  claim: ClaimCommand,
): Promise<AppliedAndClaimed> {
  if (storage.applyAndClaim !== undefined) return storage.applyAndClaim(command, claim)
  return { applied: await storage.apply(command), claimed: await storage.claim(claim) }
}

/** Short ways to bring a storage into a state. */
export class Stage {
  readonly storage: Storage
  readonly another: () => Promise<Storage>
  #tokens = 0

  constructor({ storage, another }: OpenedStorage) {
    this.storage = storage
    this.another = another
  }

  async prepare(): Promise<void> {
    const items = [limitItem('m', { maxConcurrent: 2 }), limitItem('one', { maxConcurrent: 1 })]
    await this.storage.limit(limitCommand(items, T0))
    await this.storage.post(postCommand('ada', 100, T0))
  }

  token(): string {
    this.#tokens += 1
    return `token-${this.#tokens}`
  }

  async admit(overrides: Partial<AdmitItem> = {}, at = T0): Promise<Admitted> {
    const [result] = await this.storage.admit(admitCommand([admitItem(overrides)], at))
    return result?.ok ? result : fail(`admission refused: ${JSON.stringify(result)}`)
  }

  /** Claims exactly one; fails when nothing may start. */
  async claimOne(
    modelId: string | null = null,
    at = T0,
    leaseMs?: number,
  ): Promise<GenerationRow & { leaseToken: string }> {
    const models = modelId === null ? null : [modelId]
    const [row] = await this.storage.claim(
      claimCommand([this.token()], at, { modelIds: models, ...(leaseMs === undefined ? {} : { leaseMs }) }),
    )
    ok(row !== undefined && row.leaseToken !== null, 'a claim found nothing to start')
    return row as GenerationRow & { leaseToken: string }
  }

  async apply(
    queueId: number,
    events: EventName | readonly EventName[],
    overrides: Parameters<typeof applyItem>[2] = {},
    at = T0,
  ): Promise<ApplyResult> {
    const [result] = await this.storage.apply(applyCommand([applyItem(queueId, events, overrides)], at))
    return result as ApplyResult
  }

  /** The same, and must not be refused. */
  async move(...args: Parameters<Stage['apply']>): Promise<GenerationRow> {
    const result = await this.apply(...args)
    if (!result.ok) return fail(`${args[1]} was refused: ${result.code}`)
    return result.row as GenerationRow
  }

  async row(queueId: number): Promise<GenerationRow> {
    const [row] = await this.storage.get([queueId])
    return row ?? fail(`there is no generation ${queueId}`)
  }

  /** A generation of model `m` brought into a status the ordinary way. */
  async inStatus(status: Status, overrides: Partial<AdmitItem> = {}): Promise<GenerationRow> {
    const { queueId } = await this.admit(overrides)
    if (status === 'queued') return this.row(queueId)
    if (status === 'cancelled') return this.move(queueId, 'cancel')
    const { leaseToken: token } = await this.claimOne(overrides.modelId ?? 'm')
    if (status === 'processing') return this.row(queueId)
    return this.move(queueId, status === 'completed' ? 'complete' : 'fail', { token })
  }

  async ledger(userId = 'ada'): Promise<LedgerEntry[]> {
    return (await this.storage.ledger({ userId, queueId: null, cursor: null, limit: 200 })).entries
  }

  async account(userId = 'ada') {
    const [account] = await this.storage.accounts([userId])
    return account ?? { userId, balance: 0, reserved: 0, granted: 0, captured: 0 }
  }

  /** Everything there is to see, for "nothing changed". */
  async picture(): Promise<unknown> {
    const { rows } = await this.storage.list(listQuery({ limit: 200 }))
    const queueIds = rows.map((row) => row.queueId)
    return {
      rows,
      positions: await this.storage.positions({ queueIds, at: T0 }),
      limits: await this.storage.limits(),
      stats: await this.storage.stats({ modelIds: ['m', 'one'], at: T0 }),
      accounts: await this.storage.accounts(['ada', 'bob']),
      ledger: [await this.ledger('ada'), await this.ledger('bob')],
      rollups: sortFacts(await this.storage.rollups({ modelIds: null, fromHour: 0 })),
    }
  }

  async unchangedBy(what: string, act: () => Promise<unknown>): Promise<void> {
    const before = await this.picture()
    await act()
    equal(await this.picture(), before, `${what} changed something`)
  }
}

export const sortFacts = <Fact extends object>(facts: readonly Fact[]): Fact[] =>
  [...facts].sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1))
