import type * as FastCheck from 'fast-check'
import { findBreaches } from '../laws.js'
import { EVENTS, type EventName } from '../rules.js'
import type { Storage } from '../storage.js'
import {
  admitCommand,
  admitItem,
  applyCommand,
  applyItem,
  claimCommand,
  LEASE_MS,
  limitCommand,
  limitItem,
  listQuery,
  postCommand,
  renewCommand,
  startCommand,
} from './builders.js'
import { canonical, equal, ok } from './check.js'
import { type Harness, type Runner, sortFacts, T0 } from './harness.js'
import { tableStorage } from './table-storage.js'
import { Tables } from './tables.js'

/** One step, in numbers only, so that a failing sequence shrinks well and reads as data. */
type Step =
  | {
      do: 'admit'
      user: number
      model: number
      cost: number
      priority: number
      start: boolean
      key: number
      maxWaitMs: number | null
    }
  | { do: 'claim'; max: number; model: number | null }
  | { do: 'start'; row: number }
  | {
      do: 'apply'
      row: number
      events: EventName[]
      token: 'own' | 'stale' | 'none'
      used: number | null
      delayMs: number
    }
  | { do: 'renew'; row: number; stale: boolean }
  | { do: 'post'; user: number; amount: number; key: number }
  | { do: 'limit'; model: number; maxConcurrent: number; paused: boolean }
  | { do: 'purge'; max: number }
  | { do: 'wait'; ms: number }

const USERS = ['ada', 'bob', 'eve']
const MODELS = ['m', 'one', 'third']

function stepArbitrary(fc: typeof FastCheck): FastCheck.Arbitrary<Step> {
  const user = fc.nat({ max: USERS.length - 1 })
  const model = fc.nat({ max: MODELS.length - 1 })
  const row = fc.nat({ max: 12 })
  const applied = EVENTS.filter((event) => !['admit', 'admitStarted', 'claim'].includes(event))
  return fc.oneof(
    {
      weight: 4,
      arbitrary: fc.record({
        do: fc.constant('admit' as const),
        user,
        model,
        cost: fc.nat({ max: 4 }),
        priority: fc.constantFrom(0, 0, 0, 1, -1, 1_000),
        start: fc.boolean(),
        key: fc.nat({ max: 40 }),
        maxWaitMs: fc.constantFrom(null, null, 500),
      }),
    },
    {
      weight: 3,
      arbitrary: fc.record({
        do: fc.constant('claim' as const),
        max: fc.integer({ min: 1, max: 4 }),
        model: fc.option(model),
      }),
    },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('start' as const), row }) },
    {
      weight: 6,
      arbitrary: fc.record({
        do: fc.constant('apply' as const),
        row,
        events: fc.array(fc.constantFrom(...applied), { minLength: 1, maxLength: 2 }),
        token: fc.constantFrom('own' as const, 'own' as const, 'stale' as const, 'none' as const),
        used: fc.option(fc.nat({ max: 5 }), { freq: 3 }),
        delayMs: fc.constantFrom(0, 0, 300),
      }),
    },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('renew' as const), row, stale: fc.boolean() }) },
    {
      weight: 1,
      arbitrary: fc.record({
        do: fc.constant('post' as const),
        user,
        amount: fc.integer({ min: -5, max: 12 }).filter((n) => n !== 0),
        key: fc.nat({ max: 12 }),
      }),
    },
    {
      weight: 1,
      arbitrary: fc.record({
        do: fc.constant('limit' as const),
        model,
        maxConcurrent: fc.integer({ min: 1, max: 3 }),
        paused: fc.boolean(),
      }),
    },
    {
      weight: 1,
      arbitrary: fc.record({ do: fc.constant('purge' as const), max: fc.integer({ min: 1, max: 3 }) }),
    },
    {
      weight: 2,
      arbitrary: fc.record({
        do: fc.constant('wait' as const),
        ms: fc.constantFrom(1, 100, 300, 500, LEASE_MS),
      }),
    },
  )
}

/** Both storages side by side; ids may differ between them, so commands name rows by the order of their admission. */
class Lockstep {
  at = T0
  readonly #reference: Storage
  readonly #tables: Tables
  readonly #subject: Storage
  /** queueId there by queueId here. */
  readonly #ids = new Map<number, number>()
  #tokens = 0

  constructor(subject: Storage) {
    this.#tables = new Tables()
    this.#reference = tableStorage({ tables: this.#tables })
    this.#subject = subject
  }

  async prepare(): Promise<void> {
    await this.#both('limit', (s) =>
      s.limit(
        limitCommand(
          MODELS.map((id, i) => limitItem(id, { maxConcurrent: i + 1 })),
          T0,
        ),
      ),
    )
    for (const user of USERS) await this.#both('grant', (s) => s.post(postCommand(user, 20, T0, 'first')))
  }

  async run(step: Step): Promise<void> {
    const before = new Map(this.#tables.limits)
    await this.#carryOut(step)
    const breaches = findBreaches({
      rows: this.#tables.all(),
      accounts: [...this.#tables.accounts.values()],
      limits: [...this.#tables.limits.values()],
    })
    equal(breaches, [], `laws after ${canonical(step)}`)
    for (const { modelId, active, maxConcurrent } of this.#tables.limits.values()) {
      const was = before.get(modelId)?.active ?? 0
      ok(
        active <= maxConcurrent || active <= was,
        `law 1: ${modelId} has ${active} of ${maxConcurrent} after ${canonical(step)}`,
      )
    }
  }

  async #carryOut(step: Step): Promise<void> {
    const { at } = this
    switch (step.do) {
      case 'wait':
        this.at += step.ms
        return
      case 'admit': {
        const item = admitItem({
          userId: USERS[step.user] as string,
          modelId: MODELS[step.model] as string,
          ticketCost: step.cost,
          priority: step.priority,
          leaseToken: step.start ? this.#token() : null,
          idempotencyKey: `key-${step.key}`,
          fingerprint: `${step.cost}`,
          maxWaitMs: step.maxWaitMs,
        })
        const [here, there] = await this.#both('admit', (s) =>
          s.admit(admitCommand([item], at, { maxQueued: 6 })),
        )
        if (here[0]?.ok && there[0]?.ok) this.#ids.set(here[0].queueId, there[0].queueId)
        equal(this.#mapped(here), there, `answers to ${canonical(step)}`)
        return
      }
      case 'claim': {
        const tokens = Array.from({ length: step.max }, () => this.#token())
        const modelIds = step.model === null ? null : [MODELS[step.model] as string]
        return this.#same(step, (s) => s.claim(claimCommand(tokens, at, { modelIds })))
      }
      case 'start': {
        const token = this.#token()
        return this.#sameOn(step, step.row, (s, queueId) => s.start(startCommand([{ queueId, token }], at)))
      }
      case 'apply': {
        const own = this.#row(step.row)?.leaseToken ?? this.#row(step.row)?.releasedBy ?? null
        const token = step.token === 'none' ? null : step.token === 'own' ? own || null : 'stale'
        const outcome = { token, ticketsUsed: step.used, delayMs: step.delayMs, errorMessage: 'why' }
        return this.#sameOn(step, step.row, (s, queueId) =>
          s.apply(applyCommand([applyItem(queueId, step.events, outcome)], at, { maxQueued: 6 })),
        )
      }
      case 'renew': {
        const token = step.stale ? 'stale' : (this.#row(step.row)?.leaseToken ?? 'none')
        return this.#sameOn(step, step.row, (s, queueId) =>
          s.renew(renewCommand([{ queueId, token, progress: 0.5 }], at)),
        )
      }
      case 'post':
        return this.#same(step, (s) =>
          s.post(postCommand(USERS[step.user] as string, step.amount, at, `post-${step.key}`)),
        )
      case 'limit': {
        const { maxConcurrent, paused } = step
        const item = limitItem(MODELS[step.model] as string, { maxConcurrent, paused })
        return this.#same(step, (s) => s.limit(limitCommand([item], at)))
      }
      case 'purge': {
        const statuses = ['completed', 'failed', 'cancelled'] as const
        return this.#same(step, (s) =>
          s.purge({ what: 'generations', statuses, before: at - 400, max: step.max }),
        )
      }
    }
  }

  /** All there is to see, there and here. */
  async compare(): Promise<void> {
    const { at } = this
    await this.#same('rows', async (s) => (await s.list(listQuery({ limit: 200 }))).rows)
    await this.#same('accounts', (s) => s.accounts(USERS))
    await this.#same('limits', (s) => s.limits())
    await this.#same('stats', async (s) =>
      (await s.stats({ modelIds: MODELS, at })).map((stats) => ({ ...stats })),
    )
    await this.#same('due', (s) => s.due({ what: 'lease', max: 50, at }))
    await this.#same('overdue', (s) => s.due({ what: 'deadline', max: 50, at }))
    await this.#same('rollups', async (s) =>
      sortFacts((await s.rollups({ modelIds: null, fromHour: 0 })).map(sortFields)),
    )
    await this.#same('audit', (s) => s.audit({ modelCursor: '', userCursor: '', limit: 50 }))
    for (const userId of USERS) {
      await this.#same('ledger', async (s) =>
        (await s.ledger({ userId, queueId: null, cursor: null, limit: 200 })).entries.map(
          ({ entryId: _, ...line }) => line,
        ),
      )
    }
    const here = [...this.#ids.keys()]
    const there = [...this.#ids.values()]
    equal(
      await this.#subject.positions({ queueIds: there, at }),
      await this.#reference.positions({ queueIds: here, at }),
      'positions',
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

  async #both<Result>(
    _what: string,
    command: (storage: Storage) => Promise<Result>,
  ): Promise<[Result, Result]> {
    return [await command(this.#reference), await command(this.#subject)]
  }

  async #same<Result>(what: unknown, command: (storage: Storage) => Promise<Result>): Promise<void> {
    const [here, there] = await this.#both('', command)
    equal(there, this.#mapped(here), `answers to ${canonical(what)}`)
  }

  async #sameOn<Result>(
    what: Step,
    index: number,
    command: (storage: Storage, queueId: number) => Promise<Result>,
  ): Promise<void> {
    const here = this.#row(index)?.queueId ?? 999_999
    const there = this.#ids.get(here) ?? 999_999
    const expected = await command(this.#reference, here)
    equal(await command(this.#subject, there), this.#mapped(expected), `answers to ${canonical(what)}`)
  }

  /** The reference's answer with its ids as the subject has them. */
  #mapped(value: unknown): unknown {
    if (Array.isArray(value)) return value.map((entry) => this.#mapped(entry))
    if (typeof value !== 'object' || value === null) return value
    return Object.fromEntries(
      Object.entries(value).map(([key, entry]) => [
        key,
        key === 'queueId' && typeof entry === 'number'
          ? (this.#ids.get(entry) ?? entry)
          : this.#mapped(entry),
      ]),
    )
  }
}

const sortFields = <Fact extends object>(fact: Fact) =>
  Object.fromEntries(Object.entries(fact).sort(([a], [b]) => (a < b ? -1 : 1)))

export interface ModelTestOptions {
  /** Sequences of commands. Default 100, or GENQUEUE_MODEL_RUNS. */
  readonly runs?: number
  /** Commands of one sequence at most. Default 60. */
  readonly steps?: number
  /** Default: a new one each time, printed when it fails; or GENQUEUE_MODEL_SEED. */
  readonly seed?: number
}

const environment = (name: string): number | undefined => {
  const value = typeof process === 'undefined' ? undefined : process.env[name]
  return value === undefined ? undefined : Number(value)
}

/**
 * Random commands to the storage and to the reference in lockstep: every answer compared, every law checked after
 * every step, everything there is to see compared at the end. Pass fast-check in: `modelTest({ describe, it }, harness, fc)`.
 */
export function modelTest(
  runner: Runner,
  harness: Harness,
  fc: typeof FastCheck,
  options: ModelTestOptions = {},
): void {
  const numRuns = environment('GENQUEUE_MODEL_RUNS') ?? options.runs ?? 100
  const seed = environment('GENQUEUE_MODEL_SEED') ?? options.seed
  runner.describe(`${harness.name}: model test`, () => {
    runner.it(`agrees with the plan over ${numRuns} random sequences`, () =>
      fc.assert(
        fc.asyncProperty(fc.array(stepArbitrary(fc), { maxLength: options.steps ?? 60, size: 'max' }), async (steps) => {
          const opened = await harness.create()
          try {
            await opened.storage.open()
            const lockstep = new Lockstep(opened.storage)
            await lockstep.prepare()
            for (const step of steps) await lockstep.run(step)
            await lockstep.compare()
          } finally {
            await opened.destroy()
          }
        }),
        // The seed and the shortest failing sequence are in the message of the error.
        { numRuns, ...(seed === undefined ? {} : { seed }) },
      ),
    )
  })
}
