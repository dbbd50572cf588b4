import type { ApplyItem } from '../../storage.js'
import { applyCommand, applyItem, claimCommand } from '../builders.js'
import { equal, includes } from '../check.js'
import { applyAndClaim, type Harness, inCase, type Runner, type Stage, T0 } from '../harness.js'

const AT = T0 + 500

/** Moves, and a claim of as many as `wanted` behind them. */
async function both(
  stage: Stage,
  items: readonly ApplyItem[],
  wanted: number,
  modelIds: string[] | null = null,
) {
  const tokens = Array.from({ length: wanted }, () => stage.token())
  const { applied, claimed } = await applyAndClaim(
    stage.storage,
    applyCommand(items, AT, { rows: false }),
    claimCommand(tokens, AT, { modelIds }),
  )
  return { applied, claimed, ids: claimed.map((row) => row.queueId), tokens }
}

const admitted = async (stage: Stage, count: number, modelId = 'one') => {
  const ids: number[] = []
  for (let i = 0; i < count; i++) ids.push((await stage.admit({ modelId }, T0 + i)).queueId)
  return ids as [number, number, number]
}

/** A settle and the claim behind it, whether or not the storage has one command for both. */
export function togetherCases({ describe, it }: Runner, harness: Harness): void {
  describe('a settle with a claim behind it', () => {
    it(
      'gives the slot that it frees to the next, under the token of the claim',
      inCase(harness, async (stage) => {
        const [first, second] = await admitted(stage, 3)
        const { leaseToken: token } = await stage.claimOne('one')
        const { applied, claimed, tokens } = await both(stage, [applyItem(first, 'complete', { token })], 2)
        includes(applied[0], { ok: true, repeated: false, event: 'complete', at: AT, row: null }, 'settled')
        equal(claimed.length, 1, 'the model has one slot')
        includes(claimed[0], { queueId: second, leaseToken: tokens[0], startedAt: AT, attempt: 1 }, 'claimed')
        equal(await stage.row(second), claimed[0], 'as it stands')
        includes(await stage.account(), { balance: 99, reserved: 2, captured: 1 }, 'tickets')
        includes(
          (await stage.storage.stats({ modelIds: ['one'], at: AT }))[0],
          { active: 1, waiting: 1 },
          'model',
        )
      }),
    )
    it(
      'claims though the settle is refused, and takes no slot of its own then',
      inCase(harness, async (stage) => {
        const [first, second] = await admitted(stage, 2)
        await stage.claimOne('one')
        const held = await both(stage, [applyItem(first, 'complete', { token: 'stale' })], 2)
        includes(held.applied[0], { ok: false, code: 'lease_mismatch' }, 'refused')
        equal(held.ids, [], 'its slot is still taken')
        const other = await stage.admit({}, T0 + 5)
        const again = await both(stage, [applyItem(first, 'complete', { token: 'stale' })], 2)
        equal(again.ids, [other.queueId], 'another model has slots')
        equal((await stage.row(second)).status, 'queued', 'who waits')
      }),
    )
    it(
      'does not claim what it takes from the queue, and claims what it puts there',
      inCase(harness, async (stage) => {
        const [first, second, third] = await admitted(stage, 3)
        const { leaseToken: token } = await stage.claimOne('one')
        const back = applyItem(first, 'yield', { token })
        equal((await both(stage, [back, applyItem(second, 'cancel')], 1)).ids, [first], 'the first again')
        equal((await stage.row(second)).status, 'cancelled', 'the second')
        const held = await stage.row(first)
        const done = applyItem(first, 'complete', { token: held.leaseToken })
        equal((await both(stage, [done], 1)).ids, [third], 'then the third')
      }),
    )
    it(
      'takes only of the models asked for, best first, and no more than there are tokens',
      inCase(harness, async (stage) => {
        const [first, second] = await admitted(stage, 2)
        const { leaseToken: token } = await stage.claimOne('one')
        const a = await stage.admit({ priority: 1 }, T0 + 7)
        const b = await stage.admit({}, T0 + 8)
        equal(
          (await both(stage, [applyItem(first, 'fail', { token })], 2, ['m'])).ids,
          [a.queueId, b.queueId],
          'of m',
        )
        equal((await both(stage, [applyItem(a.queueId, 'cancel')], 1)).ids, [second], 'of all')
      }),
    )
    it(
      'starts a retry only when its delay is over',
      inCase(harness, async (stage) => {
        const [first, second] = await admitted(stage, 2)
        const { leaseToken: token } = await stage.claimOne('one')
        const later = applyItem(first, 'retryLater', { token, delayMs: 100 })
        equal((await both(stage, [later], 2)).ids, [second], 'who comes after it')
        const { leaseToken } = await stage.row(second)
        await stage.move(second, 'complete', { token: leaseToken }, AT + 100)
        equal((await stage.claimOne('one', AT + 100)).queueId, first, 'the retry')
      }),
    )
    it(
      'sent again answers what it took, once',
      inCase(harness, async (stage) => {
        // Who is alone with its storage loses no answers.
        if (!stage.storage.supports.shared) return
        const [first, second] = await admitted(stage, 3)
        const { leaseToken: token } = await stage.claimOne('one')
        const command = applyCommand([applyItem(first, 'complete', { token })], AT, { rows: false })
        const claim = claimCommand([stage.token(), stage.token()], AT)
        const once = await applyAndClaim(stage.storage, command, claim)
        const again = await applyAndClaim(stage.storage, command, { ...claim, again: true })
        includes(again.applied[0], { ok: true, repeated: true }, 'settled before')
        equal(again.claimed, once.claimed, 'the same rows')
        equal(
          again.claimed.map((row) => row.queueId),
          [second],
          'one of them',
        )
        equal(await stage.storage.claim({ ...claim, again: true }), once.claimed, 'by claim as well')
      }),
    )
  })
}
