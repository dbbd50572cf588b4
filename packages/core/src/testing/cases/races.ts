import type { Storage } from '../../storage.js'
import {
  admitCommand,
  admitItem,
  applyCommand,
  applyItem,
  claimCommand,
  LEASE_MS,
  limitCommand,
  limitItem,
  postCommand,
  renewCommand,
  startCommand,
} from '../builders.js'
import { equal, includes, ok } from '../check.js'
import { type Harness, inCase, type Runner, type Stage, T0 } from '../harness.js'

const ROUNDS = 8

/** Two handles at once; on a storage that only this process sees they are one, and the race is of interleavings. */
const handles = async (stage: Stage): Promise<[Storage, Storage]> => [stage.storage, await stage.another()]

export function raceCases({ describe, it }: Runner, harness: Harness): void {
  describe('races over two handles', () => {
    it(
      'claims together never exceed the cap, and take each generation once',
      inCase(harness, async (stage) => {
        const both = await handles(stage)
        await stage.storage.limit(limitCommand([limitItem('m', { maxConcurrent: 5 })], T0))
        await stage.storage.admit(
          admitCommand(
            Array.from({ length: 30 }, () => admitItem()),
            T0,
          ),
        )
        const taken = new Set<number>()
        for (let round = 0; round < ROUNDS; round++) {
          const claims = await Promise.all(
            Array.from({ length: 6 }, (_, i) =>
              (both[i % 2] as Storage).claim(claimCommand([stage.token(), stage.token()], T0 + round)),
            ),
          )
          const rows = claims.flat()
          for (const row of rows) {
            ok(!taken.has(row.queueId), `generation ${row.queueId} was claimed twice`)
            taken.add(row.queueId)
          }
          const [stats] = await stage.storage.stats({ modelIds: ['m'], at: T0 })
          ok((stats?.active ?? 0) <= 5, `${stats?.active} slots taken at a cap of 5`)
          equal(stats?.counts.processing, stats?.active, 'counted and processing')
          const settles = rows
            .slice(0, 3)
            .map((row) => applyItem(row.queueId, 'complete', { token: row.leaseToken }))
          await (both[round % 2] as Storage).apply(applyCommand(settles, T0 + round))
        }
      }),
    )
    it(
      'starts by submit, claim and start share one slot',
      inCase(harness, async (stage) => {
        const [a, b] = await handles(stage)
        for (let round = 0; round < ROUNDS; round++) {
          const waiting = await stage.admit({ modelId: 'one' })
          const claim = claimCommand([stage.token()], T0, { modelIds: ['one'] })
          const start = startCommand([{ queueId: waiting.queueId, token: stage.token() }], T0)
          const submit = admitCommand([admitItem({ modelId: 'one', leaseToken: stage.token() })], T0)
          await Promise.all([
            a.claim(claim),
            b.start(start),
            a.admit(submit),
            b.claim({ ...claim, tokens: [stage.token()] }),
          ])
          const [stats] = await stage.storage.stats({ modelIds: ['one'], at: T0 })
          equal([stats?.active, stats?.counts.processing], [1, 1], `taken in round ${round}`)
          for (const status of ['processing', 'queued'] as const) {
            const query = {
              statuses: [status],
              modelId: 'one',
              userId: null,
              text: null,
              cursor: null,
              limit: 10,
            }
            const { rows } = await stage.storage.list(query)
            await stage.storage.apply(
              applyCommand(
                rows.map((row) => applyItem(row.queueId, 'cancel')),
                T0,
              ),
            )
          }
        }
      }),
    )
    it(
      'cancel and complete: one wins, tickets move once',
      inCase(harness, (stage) =>
        settleRace(stage, (token) => [{ event: 'cancel' }, { event: 'complete', token }]),
      ),
    )
    it(
      'reclaim and complete: one wins, tickets move once',
      inCase(harness, (stage) =>
        settleRace(stage, (token) => [
          { event: 'giveUp', token },
          { event: 'complete', token },
        ]),
      ),
    )
    it(
      'two settles under one lease: one wins, the other is told so',
      inCase(harness, (stage) =>
        settleRace(stage, (token) => [
          { event: 'fail', token },
          { event: 'complete', token },
        ]),
      ),
    )
    it(
      'claim and cancel: what was cancelled holds no slot, what was claimed is cancelled with it',
      inCase(harness, async (stage) => {
        const [a, b] = await handles(stage)
        for (let round = 0; round < ROUNDS; round++) {
          const { queueId } = await stage.admit({ modelId: 'one', ticketCost: 5 })
          const claim = claimCommand([stage.token()], T0, { modelIds: ['one'] })
          const cancel = applyCommand([applyItem(queueId, 'cancel')], T0)
          const [, [cancelled]] = await Promise.all([a.claim(claim), b.apply(cancel)])
          includes(cancelled, { ok: true, repeated: false }, 'the cancel')
          includes(await stage.row(queueId), { status: 'cancelled', leaseToken: null }, 'the row')
        }
        includes(await stage.account(), { balance: 100, reserved: 0 }, 'the account')
        includes((await stage.storage.stats({ modelIds: ['one'], at: T0 }))[0], { active: 0 }, 'taken slots')
      }),
    )
    it(
      'heartbeat and reclaim: a renewed lease is held, a lost one is told',
      inCase(harness, async (stage) => {
        const [a, b] = await handles(stage)
        const at = T0 + LEASE_MS
        for (let round = 0; round < ROUNDS; round++) {
          const { queueId } = await stage.admit({ modelId: 'one', maxAttempts: 100 })
          const { leaseToken: token } = await stage.claimOne('one')
          const [[renewed], [taken]] = await Promise.all([
            a.renew(renewCommand([{ queueId, token, progress: null }], at)),
            b.apply(applyCommand([applyItem(queueId, 'reclaim', { token })], at)),
          ])
          ok(renewed?.ok !== taken?.ok, `both had their way: ${renewed?.ok}`)
          const status = renewed?.ok ? 'processing' : 'queued'
          includes(await stage.row(queueId), { status }, 'the row')
          await stage.move(queueId, 'cancel')
        }
      }),
    )
    it(
      'the same request twice is one generation',
      inCase(harness, async (stage) => {
        const [a, b] = await handles(stage)
        for (let round = 0; round < ROUNDS; round++) {
          // A key that core made is raced only by its own command, sent again: nobody's who is alone with its storage.
          const fingerprint = stage.storage.supports.shared && round % 2 === 1 ? '' : 'f'
          const item = admitItem({ ticketCost: 2, fingerprint })
          const results = (
            await Promise.all([a, b, a, b].map((h) => h.admit(admitCommand([item], T0))))
          ).flat()
          equal(new Set(results.map((result) => result.ok && result.queueId)).size, 1, 'generations')
          equal(results.filter((result) => result.ok && !result.duplicate).length, 1, 'admissions')
        }
        includes(await stage.account(), { reserved: 2 * ROUNDS }, 'reserved')
      }),
    )
    it(
      'the same grant twice is one grant, and spending at once never overdraws',
      inCase(harness, async (stage) => {
        const [a, b] = await handles(stage)
        const grants = await Promise.all([a, b, a, b].map((h) => h.post(postCommand('bob', 10, T0, 'once'))))
        equal(grants.flat().filter((result) => result.ok && !result.repeated).length, 1, 'grants')
        const spends = Array.from({ length: 8 }, (_, i) =>
          (i % 2 ? a : b).admit(admitCommand([admitItem({ userId: 'bob', ticketCost: 3 })], T0)),
        )
        equal((await Promise.all(spends)).flat().filter((result) => result.ok).length, 3, 'affordable')
        includes(await stage.account('bob'), { balance: 10, reserved: 9 }, 'the account')
      }),
    )
    it(
      'resubmits at once happen once',
      inCase(harness, async (stage) => {
        const [a, b] = await handles(stage)
        const { queueId } = await stage.inStatus('failed', { ticketCost: 4 })
        const items = applyCommand([applyItem(queueId, 'resubmit')], T0)
        const results = (await Promise.all([a, b, a].map((handle) => handle.apply(items)))).flat()
        equal(results.filter((result) => result.ok).length, 1, 'resubmits')
        includes(await stage.account(), { reserved: 4 }, 'reserved')
      }),
    )
  })
}

async function settleRace(
  stage: Stage,
  rivals: (token: string) => { event: 'cancel' | 'complete' | 'fail' | 'giveUp'; token?: string }[],
): Promise<void> {
  const both = await handles(stage)
  const at = T0 + LEASE_MS
  let captured = 0
  for (let round = 0; round < ROUNDS; round++) {
    const { queueId } = await stage.admit({ modelId: 'one', ticketCost: 5, maxAttempts: 1 })
    const { leaseToken } = await stage.claimOne('one')
    const racing = rivals(leaseToken).map(({ event, token }, i) =>
      (both[(i + round) % 2] as Storage).apply(
        applyCommand([applyItem(queueId, event, { token: token ?? null })], at),
      ),
    )
    const results = (await Promise.all(racing)).flat()
    equal(results.filter((result) => result.ok && !result.repeated).length, 1, 'winners')
    if ((await stage.row(queueId)).status === 'completed') captured += 5
  }
  equal(
    await stage.account(),
    { userId: 'ada', balance: 100 - captured, reserved: 0, granted: 100, captured },
    'the account after all races',
  )
  includes((await stage.storage.stats({ modelIds: ['one'], at: T0 }))[0], { active: 0 }, 'taken slots')
}
