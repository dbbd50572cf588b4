import {
  admitCommand,
  admitItem,
  applyCommand,
  applyItem,
  limitCommand,
  limitItem,
  postCommand,
} from '../builders.js'
import { equal, includes } from '../check.js'
import { type Harness, inCase, type Runner, T0 } from '../harness.js'

export function ticketCases({ describe, it }: Runner, harness: Harness): void {
  describe('admissions', () => {
    const refusals: [string, Parameters<typeof admitItem>[0], object][] = [
      ['an unknown model', { modelId: 'nope' }, { code: 'model_unknown' }],
      ['more than is available', { ticketCost: 101 }, { code: 'tickets_short', available: 100 }],
      ['a user without account', { userId: 'bob' }, { code: 'tickets_short', available: 0 }],
    ]
    for (const [what, item, refusal] of refusals) {
      it(
        `refuse ${what} without a trace`,
        inCase(harness, async (stage) => {
          await stage.unchangedBy('a refused admission', async () => {
            const [result] = await stage.storage.admit(admitCommand([admitItem(item)], T0))
            equal(result, { ok: false, ...refusal }, 'the answer')
          })
        }),
      )
    }
    it(
      'refuse what goes beyond the most that may wait, but not a start',
      inCase(harness, async (stage) => {
        const admit = async (leaseToken: string | null) =>
          (await stage.storage.admit(admitCommand([admitItem({ leaseToken })], T0, { maxQueued: 2 })))[0]
        includes(await admit('a'), { ok: true, status: 'processing' }, 'the first starts')
        includes(await admit(null), { ok: true, position: 1 }, 'one waits')
        includes(await admit(null), { ok: true, position: 2 }, 'two wait')
        includes(await admit(null), { ok: false, code: 'queue_full' }, 'a third')
      }),
    )
    it(
      'cost nothing at a cost of 0, and need no account for it',
      inCase(harness, async (stage) => {
        await stage.admit({ userId: 'bob', ticketCost: 0 })
        equal(await stage.storage.accounts(['bob']), [null], 'no account')
        equal(await stage.ledger('bob'), [], 'no ledger')
      }),
    )
    it(
      'of the same user and key are the same generation, whatever became of it',
      inCase(harness, async (stage) => {
        const item = { idempotencyKey: 'order-1', fingerprint: 'f1', ticketCost: 7 }
        const first = await stage.admit(item)
        const again = async (overrides = {}) =>
          (await stage.storage.admit(admitCommand([admitItem({ ...item, ...overrides })], T0 + 5)))[0]
        await stage.unchangedBy('a duplicate', async () => {
          includes(
            await again(),
            { ok: true, duplicate: true, queueId: first.queueId, status: 'queued', position: 1 },
            'queued',
          )
          const conflict = { ok: false, code: 'idempotency_conflict', queueId: first.queueId }
          equal(await again({ fingerprint: 'f2' }), conflict, 'another payload')
        })
        const { leaseToken } = await stage.claimOne()
        includes(
          await again({ leaseToken: 'mine' }),
          { duplicate: true, status: 'processing', leaseToken: null },
          'running',
        )
        await stage.move(first.queueId, 'complete', { token: leaseToken })
        includes(await again(), { duplicate: true, status: 'completed', position: null }, 'completed')
        const [other] = await stage.storage.admit(
          admitCommand([admitItem({ ...item, userId: 'bob', ticketCost: 0 })], T0),
        )
        includes(other, { ok: true, duplicate: false }, 'another user with the same key')
        includes(await stage.account(), { balance: 93, reserved: 0 }, 'paid once')
      }),
    )
    it(
      'repeated after a lost reply give the lease to the same token only',
      inCase(harness, async (stage) => {
        const item = admitItem({ leaseToken: 'mine' })
        await stage.storage.admit(admitCommand([item], T0))
        const again = { again: true }
        const [own] = await stage.storage.admit(admitCommand([item], T0 + 1, again))
        includes(
          own,
          { duplicate: true, status: 'processing', leaseToken: 'mine', leaseExpiresAt: T0 + 12_000 },
          'own',
        )
        const other = { ...item, leaseToken: 'other' }
        const [foreign] = await stage.storage.admit(admitCommand([other], T0 + 1, again))
        includes(foreign, { duplicate: true, leaseToken: null, leaseExpiresAt: null }, 'foreign')
      }),
    )
    it(
      'of one batch see each other',
      inCase(harness, async (stage) => {
        await stage.storage.post(postCommand('bob', 5, T0))
        const dear = (ticketCost: number) => admitItem({ userId: 'bob', ticketCost })
        const twice = admitItem({ userId: 'bob', idempotencyKey: 'same', fingerprint: 'f', ticketCost: 2 })
        const items = [
          dear(4),
          dear(4),
          twice,
          { ...twice },
          dear(1),
          admitItem({ modelId: 'nope' }),
          dear(0),
        ]
        const results = await stage.storage.admit(admitCommand(items, T0))
        const answers = results.map((result) =>
          result.ok ? (result.duplicate ? 'duplicate' : 'ok') : result.code,
        )
        equal(
          answers,
          ['ok', 'tickets_short', 'tickets_short', 'tickets_short', 'ok', 'model_unknown', 'ok'],
          'answers in input order',
        )
        const same = await stage.storage.admit(
          admitCommand(
            [
              { ...twice, ticketCost: 0 },
              { ...twice, ticketCost: 0 },
            ],
            T0,
          ),
        )
        equal(
          same.map((result) => result.ok && result.duplicate),
          [false, true],
          'the same key twice in a batch',
        )
        includes(await stage.account('bob'), { balance: 5, reserved: 5 }, 'the account')
        const starts = ['a', 'b', 'c'].map((leaseToken) => admitItem({ modelId: 'one', leaseToken }))
        const started = await stage.storage.admit(admitCommand(starts, T0))
        equal(
          started.map((result) => result.ok && result.status),
          ['processing', 'queued', 'queued'],
          'one slot for three',
        )
      }),
    )
  })

  describe('tickets', () => {
    const splits: [event: 'complete' | 'fail' | 'cancel', used: number | null, captured: number][] = [
      ['complete', null, 5],
      ['complete', 0, 0],
      ['complete', 2, 2],
      ['complete', 5, 5],
      ['fail', null, 0],
      ['fail', 3, 3],
      ['cancel', null, 0],
      ['cancel', 5, 5],
    ]
    for (const [event, ticketsUsed, captured] of splits) {
      it(
        `${event} with ${ticketsUsed === null ? 'nothing said' : `${ticketsUsed} used`} captures ${captured} of 5`,
        inCase(harness, async (stage) => {
          const { queueId } = await stage.admit({ ticketCost: 5 })
          const { leaseToken: token } = await stage.claimOne()
          await stage.move(queueId, event, { token, ticketsUsed }, T0 + 1)
          const expected = { balance: 100 - captured, reserved: 0, granted: 100, captured }
          equal(await stage.account(), { userId: 'ada', ...expected }, 'the account')
          const lines = (await stage.ledger()).filter(({ at }) => at === T0 + 1).reverse()
          const parts: [string, number, number, number][] = []
          if (captured > 0) parts.push(['capture', captured, 100 - captured, 5 - captured])
          if (captured < 5) parts.push(['refund', 5 - captured, 100 - captured, 0])
          equal(
            lines.map((l) => [l.kind, l.amount, l.balance, l.reserved]),
            parts,
            'the ledger',
          )
          equal(
            lines.every((line) => line.queueId === queueId),
            true,
            'whose lines they are',
          )
          includes(await stage.row(queueId), { ticketsUsed: captured }, 'the row')
        }),
      )
    }
    it(
      'cannot be captured beyond the reservation',
      inCase(harness, async (stage) => {
        const { queueId } = await stage.inStatus('processing', { ticketCost: 5 })
        await stage.unchangedBy('using too many', async () => {
          includes(
            await stage.apply(queueId, 'complete', { ticketsUsed: 6 }),
            { ok: false, code: 'tickets_over' },
            'over',
          )
        })
      }),
    )
    it(
      'are reserved anew by a resubmit, or it is refused',
      inCase(harness, async (stage) => {
        const { queueId } = await stage.inStatus('failed', { ticketCost: 60 })
        await stage.admit({ ticketCost: 50 })
        await stage.unchangedBy('a resubmit that cannot be paid', async () => {
          const short = { ok: false, code: 'tickets_short', available: 50, status: 'failed' }
          equal(await stage.apply(queueId, 'resubmit'), short, 'the answer')
        })
        await stage.storage.post(postCommand('ada', 10, T0))
        await stage.move(queueId, 'resubmit')
        includes(await stage.account(), { balance: 110, reserved: 110 }, 'the account')
        await stage.move(queueId, 'cancel')
        await stage.unchangedBy('a resubmit into a full queue', async () => {
          const command = applyCommand([applyItem(queueId, 'resubmit')], T0, { maxQueued: 1 })
          includes((await stage.storage.apply(command))[0], { ok: false, code: 'queue_full' }, 'full')
        })
      }),
    )
    it(
      'are posted once per key, revoked only when available, and never beyond the highest balance',
      inCase(harness, async (stage) => {
        const post = async (amount: number, key: string) =>
          (await stage.storage.post(postCommand('ada', amount, T0, key)))[0]
        includes(await post(10, 'k1'), { ok: true, repeated: false }, 'granted')
        await stage.unchangedBy('posting again', async () => {
          includes(await post(10, 'k1'), { ok: true, repeated: true }, 'repeated')
          equal(await post(11, 'k1'), { ok: false, code: 'idempotency_conflict' }, 'another amount')
          equal(await post(-10, 'k1'), { ok: false, code: 'idempotency_conflict' }, 'another sign')
        })
        await stage.admit({ ticketCost: 100 })
        await stage.unchangedBy('revoking what is reserved', async () => {
          equal(await post(-11, 'k2'), { ok: false, code: 'tickets_short', available: 10 }, 'too much')
          equal(
            await post(2_147_483_647, 'k3'),
            { ok: false, code: 'tickets_overflow', available: 10 },
            'overflow',
          )
        })
        includes(await post(-10, 'k2'), { ok: true, repeated: false }, 'revoked')
        includes(await post(-10, 'k2'), { ok: true, repeated: true }, 'revoked again')
        equal(
          await stage.account(),
          { userId: 'ada', balance: 100, reserved: 100, granted: 100, captured: 0 },
          'the account',
        )
      }),
    )
    it(
      'of one batch of settles add up, refusals among them',
      inCase(harness, async (stage) => {
        await stage.storage.limit(limitCommand([limitItem('m', { maxConcurrent: 10 })], T0))
        const rows = []
        for (let i = 0; i < 4; i++) rows.push(await stage.inStatus('processing', { ticketCost: 5 }))
        const [a, b, c, d] = rows.map((row) => row.queueId) as [number, number, number, number]
        const results = await stage.storage.apply(
          applyCommand(
            [
              applyItem(a, 'complete', { ticketsUsed: 4 }),
              applyItem(999_999, 'complete'),
              applyItem(b, 'complete', { token: 'stranger' }),
              applyItem(c, 'retryLater'),
              applyItem(c, 'cancel'),
              applyItem(c, 'resubmit'),
              applyItem(d, 'cancel', { ticketsUsed: 1 }),
              applyItem(d, 'complete'),
            ],
            T0 + 1,
          ),
        )
        equal(
          results.map((result) => (result.ok ? result.event : result.code)),
          [
            'complete',
            'generation_unknown',
            'lease_mismatch',
            'retryLater',
            'cancel',
            'resubmit',
            'cancel',
            'status_mismatch',
          ],
          'answers in input order',
        )
        includes(await stage.account(), { balance: 95, reserved: 10, captured: 5 }, 'the account')
      }),
    )
  })
}
