import {
  admitCommand,
  admitItem,
  applyCommand,
  applyItem,
  claimCommand,
  limitCommand,
  limitItem,
  postCommand,
  renewCommand,
} from '../builders.js'
import { equal, includes, ok } from '../check.js'
import { type Harness, inCase, type Runner, type Stage, T0 } from '../harness.js'

const ROUNDS = 6
const USERS = ['u1', 'u2', 'u3', 'u4']
const MODELS = ['x1', 'x2', 'x3', 'x4']
const times = <Item>(count: number, make: (index: number) => Item) =>
  Array.from({ length: count }, (_, i) => make(i))

export function batchCases({ describe, it }: Runner, harness: Harness): void {
  describe('batches', () => {
    it('as large as a storage takes go through whole', inCase(harness, largest))
    it('that cross each other over two handles all go through', inCase(harness, crossing))
    it(
      'of heartbeats answer one by one',
      inCase(harness, async (stage) => {
        const { queueId: a } = await stage.admit()
        const { leaseToken: token } = await stage.claimOne()
        const { queueId: b } = await stage.admit()
        const beat = (queueId: number, held: string) => ({ queueId, token: held, progress: null })
        const results = await stage.storage.renew(
          renewCommand([beat(b, token), beat(a, 'other'), beat(999_999, token), beat(a, token)], T0 + 1),
        )
        equal(
          results.map((result) => (result.ok ? 'ok' : result.code)),
          ['status_mismatch', 'lease_mismatch', 'generation_unknown', 'ok'],
          'answers in input order',
        )
      }),
    )
    it(
      'of grants and revocations see each other',
      inCase(harness, async (stage) => {
        const item = (userId: string, amount: number, key: string) => ({ userId, amount, key, memo: 'm' })
        const items = [
          item('bob', -1, 'a'),
          item('bob', 5, 'b'),
          item('bob', -5, 'c'),
          item('bob', -1, 'd'),
          item('bob', 5, 'b'),
          item('ada', 5, 'b'),
          item('bob', 4, 'b'),
        ]
        const results = await stage.storage.post({ items, at: T0 })
        equal(
          results.map((result) => (result.ok ? (result.repeated ? 'repeated' : 'ok') : result.code)),
          ['tickets_short', 'ok', 'ok', 'tickets_short', 'repeated', 'ok', 'idempotency_conflict'],
          'answers in input order',
        )
        equal((await stage.ledger('bob')).length, 2, 'lines written')
        includes(await stage.account('bob'), { balance: 0, granted: 0 }, 'the account')
      }),
    )
    it(
      'count every one of their items in the rollups',
      inCase(harness, async (stage) => {
        const results = await stage.storage.admit(
          admitCommand(
            times(4, () => admitItem({ ticketCost: 2 })),
            T0,
          ),
        )
        const ids = results.map((result) => (result.ok ? result.queueId : 0))
        const settles = ids.slice(0, 3).map((queueId) => applyItem(queueId, 'cancel', { ticketsUsed: 1 }))
        await stage.storage.apply(applyCommand(settles, T0))
        const facts = await stage.storage.rollups({ modelIds: ['m'], fromHour: 0 })
        const sums = Object.fromEntries(facts.map(({ measure, count, sum }) => [measure, [count, sum]]))
        const expected = { admit: [4, 0], cancel: [3, 0], captured: [3, 3], refunded: [3, 3] }
        equal(sums, expected, 'counts and sums')
      }),
    )
    it(
      'of reads answer in the order asked, unknown and repeated ids too',
      inCase(harness, async (stage) => {
        const [a, b] = [await stage.admit(), await stage.admit()]
        const queueIds = [b.queueId, 999_999, a.queueId, b.queueId]
        const rows = await stage.storage.get(queueIds)
        equal(
          rows.map((row) => row?.queueId ?? null),
          [b.queueId, null, a.queueId, b.queueId],
          'rows',
        )
        equal(await stage.storage.positions({ queueIds, at: T0 }), [2, null, 1, 2], 'positions')
        await stage.storage.post(postCommand('bob', 1, T0))
        const accounts = await stage.storage.accounts(['bob', 'nobody', 'ada', 'bob'])
        equal(
          accounts.map((account) => account?.balance ?? null),
          [1, null, 100, 1],
          'accounts',
        )
      }),
    )
  })
}

async function largest(stage: Stage): Promise<void> {
  const size = stage.storage.supports.batchMax
  await stage.storage.limit(limitCommand([limitItem('m', { maxConcurrent: size })], T0))
  await stage.storage.post(postCommand('ada', 3 * size, T0))
  const admitted = await stage.storage.admit(
    admitCommand(
      times(size, () => admitItem({ ticketCost: 2 })),
      T0,
    ),
  )
  equal(
    admitted.map((result) => result.ok && result.position),
    times(size, (i) => i + 1),
    'admitted in order',
  )
  const tokens = times(size, () => stage.token())
  const claimed = await stage.storage.claim(claimCommand(tokens, T0))
  equal(
    claimed.map((row) => row.leaseToken),
    tokens,
    'one token each, in order',
  )
  const beats = claimed.map(({ queueId }, i) => ({ queueId, token: tokens[i] as string, progress: 1 }))
  ok(
    (await stage.storage.renew(renewCommand(beats, T0))).every((result) => result.ok),
    'all renewed',
  )
  const settles = claimed.map((row) => applyItem(row.queueId, 'complete', { token: row.leaseToken }))
  const settled = await stage.storage.apply(applyCommand(settles, T0 + 1, { rows: false }))
  ok(
    settled.every((result) => result.ok && !result.repeated),
    'all settled',
  )
  const granted = 100 + 3 * size
  const account = { userId: 'ada', balance: granted - 2 * size, reserved: 0, granted, captured: 2 * size }
  equal(await stage.account(), account, 'the account')
  const [stats] = await stage.storage.stats({ modelIds: ['m'], at: T0 })
  includes(stats, { active: 0, waiting: 0 }, 'the model')
  equal(stats?.counts.completed, size, 'completed')
}

/** Two handles take the same accounts, models and rows in opposite orders: what locks must not lock each other out. */
async function crossing(stage: Stage): Promise<void> {
  const both = [stage.storage, await stage.another()]
  await stage.storage.limit(
    limitCommand(
      MODELS.map((id) => limitItem(id, { maxConcurrent: 50 })),
      T0,
    ),
  )
  for (const user of USERS) await stage.storage.post(postCommand(user, 100, T0))
  for (let round = 0; round < ROUNDS; round++) {
    const batches = times(4, (n) => {
      const items = USERS.map((userId, i) =>
        admitItem({ userId, modelId: MODELS[(i + round) % 4] as string, leaseToken: stage.token() }),
      )
      return n % 2 === 0 ? items : items.reverse()
    })
    const admitted = await Promise.all(
      batches.map((items, n) => (both[n % 2] as typeof stage.storage).admit(admitCommand(items, T0))),
    )
    const ids = admitted.flat().map((result) => (result.ok ? result.queueId : 0))
    const settles = [ids, [...ids].reverse()].map((order, n) =>
      (both[n] as typeof stage.storage).apply(
        applyCommand(
          order.map((queueId) => applyItem(queueId, n === 0 ? 'complete' : 'cancel')),
          T0,
        ),
      ),
    )
    const won = (await Promise.all(settles)).flat().filter((result) => result.ok && !result.repeated)
    equal(won.length, ids.length, `settled in round ${round}, each once`)
  }
  const stats = await stage.storage.stats({ modelIds: MODELS, at: T0 })
  equal(
    stats.map(({ active, counts }) => [active, counts.processing, counts.queued]),
    MODELS.map(() => [0, 0, 0]),
    'slots and rows left',
  )
  for (const user of USERS) {
    const { balance, reserved, captured } = await stage.account(user)
    equal([reserved, balance + captured], [0, 100], `${user}'s tickets`)
  }
}
