import type * as FastCheck from 'fast-check'
import { HOUR_MS } from '../generation.js'
import { CLEARABLE, type EventName, type Status } from '../rules.js'
import { APPLIED, LEASE_MS } from './builders.js'

/** One admission, in numbers only. */
export interface AdmitDraft {
  readonly user: number
  readonly model: number
  readonly cost: number
  readonly priority: number
  readonly start: boolean
  /** null: none was given. */
  readonly key: number | null
  readonly maxAttempts: number
  readonly maxWaitMs: number | null
}

/** One move of the row-th generation in the order of their admission. */
export interface ApplyDraft {
  readonly row: number
  readonly events: readonly EventName[]
  /** Its current token (or the one that gave it back), one that was never given, or none. */
  readonly token: 'own' | 'stale' | 'none'
  readonly used: number | null
  readonly delayMs: number
}

/** One step, in numbers only, so that a failing sequence shrinks well and reads as data. */
export type Step =
  /** `again`: sent twice, as after a lost answer. */
  | { readonly do: 'admit'; readonly items: readonly AdmitDraft[]; readonly again: boolean }
  | { readonly do: 'claim'; readonly max: number; readonly model: number | null; readonly leaseMs: number }
  | { readonly do: 'start'; readonly rows: readonly number[] }
  | { readonly do: 'apply'; readonly items: readonly ApplyDraft[] }
  | { readonly do: 'applyAndClaim'; readonly items: readonly ApplyDraft[]; readonly max: number }
  | { readonly do: 'renew'; readonly items: readonly { readonly row: number; readonly stale: boolean }[] }
  | {
      readonly do: 'post'
      readonly items: readonly { readonly user: number; readonly amount: number; readonly key: number }[]
    }
  | { readonly do: 'limit'; readonly model: number; readonly maxConcurrent: number; readonly paused: boolean }
  | { readonly do: 'purge'; readonly statuses: readonly Status[] }
  | { readonly do: 'wait'; readonly ms: number }

export const USERS = ['ada', 'bob', 'eve'] as const
export const MODELS = ['m', 'one', 'third'] as const
/** Keys of admissions by one user; few enough that some are used again. */
const KEYS = 40
const BATCH_MAX = 4

export function stepArbitrary(fc: typeof FastCheck): FastCheck.Arbitrary<Step> {
  const model = fc.nat({ max: MODELS.length - 1 })
  const row = fc.nat({ max: 12 })
  const batch = <Item>(item: FastCheck.Arbitrary<Item>) =>
    fc.array(item, { minLength: 1, maxLength: BATCH_MAX })
  const step = <Name extends Step['do'], Fields>(
    weight: number,
    name: Name,
    fields: { [Key in keyof Fields]: FastCheck.Arbitrary<Fields[Key]> },
  ) => ({
    weight,
    arbitrary: fc
      .record(fields)
      .map((made) => ({ do: name, ...made }) as unknown as Extract<Step, { do: Name }>),
  })
  return fc.oneof(
    step(4, 'admit', { items: batch(admitDraft(fc)), again: fc.constantFrom(false, false, true) }),
    step(3, 'claim', {
      max: fc.integer({ min: 1, max: 4 }),
      model: fc.option(model),
      leaseMs: fc.constantFrom(LEASE_MS, LEASE_MS, 100),
    }),
    step(1, 'start', { rows: batch(row) }),
    step(6, 'apply', { items: batch(applyDraft(fc)) }),
    step(3, 'applyAndClaim', { items: batch(applyDraft(fc)), max: fc.integer({ min: 1, max: 4 }) }),
    step(1, 'renew', { items: batch(fc.record({ row, stale: fc.boolean() })) }),
    step(1, 'post', { items: batch(postDraft(fc)) }),
    step(1, 'limit', { model, maxConcurrent: fc.integer({ min: 1, max: 3 }), paused: fc.boolean() }),
    step(1, 'purge', { statuses: fc.subarray([...CLEARABLE], { minLength: 1 }) }),
    step(2, 'wait', { ms: fc.constantFrom(1, 100, 300, 500, LEASE_MS, HOUR_MS / 2) }),
  )
}

const admitDraft = (fc: typeof FastCheck): FastCheck.Arbitrary<AdmitDraft> =>
  fc.record({
    user: fc.nat({ max: USERS.length - 1 }),
    model: fc.nat({ max: MODELS.length - 1 }),
    cost: fc.nat({ max: 4 }),
    priority: fc.constantFrom(0, 0, 0, 1, -1, 1_000),
    start: fc.boolean(),
    key: fc.option(fc.nat({ max: KEYS }), { freq: 3 }),
    maxAttempts: fc.constantFrom(3, 3, 1),
    maxWaitMs: fc.constantFrom(null, null, 500),
  })

const applyDraft = (fc: typeof FastCheck): FastCheck.Arbitrary<ApplyDraft> =>
  fc.record({
    row: fc.nat({ max: 12 }),
    events: fc.array(fc.constantFrom(...APPLIED), { minLength: 1, maxLength: 2 }),
    token: fc.constantFrom('own' as const, 'own' as const, 'stale' as const, 'none' as const),
    used: fc.option(fc.nat({ max: 5 }), { freq: 3 }),
    delayMs: fc.constantFrom(0, 0, 300),
  })

const postDraft = (fc: typeof FastCheck) =>
  fc.record({
    user: fc.nat({ max: USERS.length - 1 }),
    amount: fc.integer({ min: -5, max: 12 }).filter((amount) => amount !== 0),
    key: fc.nat({ max: 12 }),
  })
