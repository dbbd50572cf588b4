import {
  admitCommand,
  admitItem,
  applyCommand,
  applyItem,
  claimCommand,
  limitCommand,
  limitItem,
} from '../builders.js'
import { equal, includes } from '../check.js'
import { type Harness, inCase, type Runner, type Stage, T0 } from '../harness.js'

const claimIds = async (stage: Stage, count: number, at = T0, modelIds: string[] | null = null) => {
  const tokens = Array.from({ length: count }, () => stage.token())
  return (await stage.storage.claim(claimCommand(tokens, at, { modelIds }))).map((row) => row.queueId)
}
const setLimit = (stage: Stage, modelId: string, maxConcurrent: number) =>
  stage.storage.limit(limitCommand([limitItem(modelId, { maxConcurrent })], T0))

export function orderCases({ describe, it }: Runner, harness: Harness): void {
  describe('order', () => {
    it(
      'is priority, then time, then id; positions say the same',
      inCase(harness, async (stage) => {
        await setLimit(stage, 'm', 50)
        const wanted: [at: number, priority: number][] = [
          [T0 + 2, 0],
          [T0 + 1, 0],
          [T0 + 3, 5],
          [T0 + 3, -1_000],
          [T0 + 3, 1_000],
          [T0 + 1, 0],
          [T0 + 4, 5],
        ]
        const ids: number[] = []
        for (const [at, priority] of wanted) ids.push((await stage.admit({ priority }, at)).queueId)
        const order = [4, 2, 6, 1, 5, 0, 3].map((i) => ids[i] as number)
        const positions = await stage.storage.positions({ queueIds: order, at: T0 + 9 })
        equal(positions, [1, 2, 3, 4, 5, 6, 7], 'positions')
        equal(await claimIds(stage, 10, T0 + 9), order, 'claimed in order')
        equal(
          await stage.storage.positions({ queueIds: [...order, 999_999], at: T0 + 9 }),
          [...order.map(() => null), null],
          'no position any more',
        )
      }),
    )
    it(
      'of several models takes the best head among those with free slots',
      inCase(harness, async (stage) => {
        const a = await stage.admit({ modelId: 'one' }, T0 + 1)
        const b = await stage.admit({ modelId: 'one' }, T0 + 2)
        const c = await stage.admit({ modelId: 'm' }, T0 + 3)
        const d = await stage.admit({ modelId: 'm', priority: 9 }, T0 + 4)
        equal(await claimIds(stage, 5, T0 + 9), [d.queueId, a.queueId, c.queueId], 'claimed')
        equal(await stage.storage.positions({ queueIds: [b.queueId], at: T0 + 9 }), [1], 'who waits')
        equal(await claimIds(stage, 5, T0 + 9, ['one', 'nope', 'one']), [], 'no slot left')
      }),
    )
    it(
      'is never jumped by a newcomer: a slot with someone waiting is not free',
      inCase(harness, async (stage) => {
        const start = (at: number) => stage.admit({ modelId: 'one', leaseToken: stage.token() }, at)
        const first = await start(T0)
        includes(
          first,
          { status: 'processing', position: null, attempt: 1, leaseExpiresAt: T0 + 12_000 },
          'a free slot',
        )
        const second = await start(T0 + 1)
        includes(second, { status: 'queued', position: 1, leaseToken: null }, 'no free slot')
        await stage.move(first.queueId, 'complete', { token: first.leaseToken })
        includes(await start(T0 + 2), { status: 'queued', position: 2 }, 'a free slot, and someone waiting')
        equal(await claimIds(stage, 1, T0 + 3), [second.queueId], 'who waited goes first')
      }),
    )
    it(
      'is kept by a retry and lost by a resubmit',
      inCase(harness, async (stage) => {
        const [a, b] = [
          await stage.admit({ modelId: 'one' }, T0),
          await stage.admit({ modelId: 'one' }, T0 + 1),
        ]
        const { leaseToken: token } = await stage.claimOne('one', T0 + 2)
        await stage.move(a.queueId, 'retryLater', { token }, T0 + 3)
        equal(
          await stage.storage.positions({ queueIds: [a.queueId, b.queueId], at: T0 + 3 }),
          [1, 2],
          'after a retry',
        )
        await stage.move(a.queueId, 'cancel', {}, T0 + 4)
        await stage.move(a.queueId, 'resubmit', {}, T0 + 5)
        equal(
          await stage.storage.positions({ queueIds: [a.queueId, b.queueId], at: T0 + 5 }),
          [2, 1],
          'after a resubmit',
        )
      }),
    )
    it(
      'passes over what is delayed, until exactly its time',
      inCase(harness, async (stage) => {
        const a = await stage.admit({ modelId: 'one' }, T0)
        const { leaseToken: token } = await stage.claimOne('one', T0)
        await stage.move(a.queueId, 'retryLater', { token, delayMs: 1_000 }, T0)
        includes(await stage.row(a.queueId), { notBefore: T0 + 1_000, queuedAt: T0 }, 'the delayed row')
        const [before] = await stage.storage.stats({ modelIds: ['one'], at: T0 + 999 })
        includes(before, { waiting: 0, delayed: 1, active: 0, nextQueuedAt: null }, 'statistics before')
        equal(await claimIds(stage, 1, T0 + 999), [], 'a millisecond early')
        // Whom nobody waits for may start meanwhile.
        const newcomer = await stage.admit({ modelId: 'one', leaseToken: stage.token() }, T0 + 999)
        includes(newcomer, { status: 'processing' }, 'a newcomer beside a delayed one')
        await stage.move(newcomer.queueId, 'cancel', {}, T0 + 999)
        const [after] = await stage.storage.stats({ modelIds: ['one'], at: T0 + 1_000 })
        includes(after, { waiting: 1, delayed: 0, nextQueuedAt: T0 }, 'statistics on time')
        equal(await claimIds(stage, 1, T0 + 1_000), [a.queueId], 'on time')
        includes(await stage.row(a.queueId), { notBefore: null, attempt: 2 }, 'the claimed row')
      }),
    )
    it(
      'waits while the model is paused, and when its limit was lowered until usage is below it',
      inCase(harness, async (stage) => {
        await setLimit(stage, 'm', 3)
        const ids: number[] = []
        for (let i = 0; i < 5; i++) ids.push((await stage.admit({}, T0 + i)).queueId)
        const running = await claimIds(stage, 3, T0 + 9)
        await setLimit(stage, 'm', 1)
        equal(await claimIds(stage, 5, T0 + 9), [], 'above the lowered limit')
        includes(
          (await stage.storage.stats({ modelIds: ['m'], at: T0 }))[0],
          { active: 3, maxConcurrent: 1 },
          'none was killed',
        )
        for (const id of running.slice(0, 2)) await stage.move(id, 'complete', {}, T0 + 9)
        equal(await claimIds(stage, 5, T0 + 9), [], 'at the lowered limit')
        await stage.move(running[2] as number, 'complete', {}, T0 + 9)
        await stage.storage.limit(limitCommand([limitItem('m', { paused: true })], T0))
        equal(await claimIds(stage, 5, T0 + 9), [], 'paused')
        includes(
          await stage.admit({ leaseToken: 't' }, T0 + 9),
          { status: 'queued' },
          'a newcomer to a paused model',
        )
        await stage.storage.limit(limitCommand([limitItem('m', { paused: false })], T0))
        equal(await claimIds(stage, 5, T0 + 9), [ids[3]], 'one slot again')
      }),
    )
    it(
      'of one batch is the order of its items',
      inCase(harness, async (stage) => {
        await setLimit(stage, 'm', 10)
        const results = await stage.storage.admit(
          admitCommand(
            Array.from({ length: 8 }, () => admitItem()),
            T0,
          ),
        )
        const ids = results.map((result) => (result.ok ? result.queueId : 0))
        equal(
          results.map((result) => result.ok && result.position),
          [1, 2, 3, 4, 5, 6, 7, 8],
          'positions answered',
        )
        await stage.storage.apply(applyCommand([applyItem(ids[0] as number, 'cancel')], T0))
        equal(
          await stage.storage.positions({ queueIds: ids, at: T0 }),
          [null, 1, 2, 3, 4, 5, 6, 7],
          'positions after a cancel',
        )
        equal(await claimIds(stage, 10), ids.slice(1), 'claimed in order')
      }),
    )
  })
}
