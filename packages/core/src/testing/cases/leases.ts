import type { EventName } from '../../rules.js'
import { claimCommand, LEASE_MS, renewCommand, startCommand } from '../builders.js'
import { equal, includes, ok } from '../check.js'
import { type Harness, inCase, type Runner, type Stage, T0 } from '../harness.js'

const EXPIRES = T0 + LEASE_MS

/** How a lease can end under its holder, who does not know yet. */
const LOST: Readonly<Record<string, (stage: Stage, queueId: number, token: string) => Promise<unknown>>> = {
  'taken back after it lapsed': (stage, queueId, token) => stage.move(queueId, 'reclaim', { token }, EXPIRES),
  'taken back and claimed again': async (stage, queueId, token) => {
    await stage.move(queueId, 'reclaim', { token }, EXPIRES)
    await stage.claimOne('m', EXPIRES)
  },
  'given back for a retry and claimed again': async (stage, queueId, token) => {
    await stage.move(queueId, 'retryLater', { token })
    await stage.claimOne('m')
  },
  'given back at a shutdown and claimed again': async (stage, queueId, token) => {
    await stage.move(queueId, 'yield', { token })
    await stage.claimOne('m')
  },
  cancelled: (stage, queueId) => stage.move(queueId, 'cancel'),
  'settled by a webhook': (stage, queueId) => stage.move(queueId, 'complete'),
}

export function leaseCases({ describe, it }: Runner, harness: Harness): void {
  describe('a lease that is no longer current', () => {
    for (const [how, lose] of Object.entries(LOST)) {
      for (const event of ['complete', 'fail', 'retryLater', 'yield'] as const) {
        it(
          `${how}: ${event} changes nothing`,
          inCase(harness, (stage) => staleSettle(stage, lose, event)),
        )
      }
      it(
        `${how}: a heartbeat changes nothing`,
        inCase(harness, async (stage) => {
          const { queueId, token } = await held(stage)
          await lose(stage, queueId, token)
          await stage.unchangedBy('a stale heartbeat', async () => {
            const [result] = await stage.storage.renew(
              renewCommand([{ queueId, token, progress: 0.9 }], EXPIRES),
            )
            equal(result?.ok, false, 'the heartbeat is refused')
            const { status, leaseToken } = await stage.row(queueId)
            const code = leaseToken === null ? 'status_mismatch' : 'lease_mismatch'
            includes(result, { code, status }, 'why')
          })
        }),
      )
    }
  })

  describe('leases', () => {
    it(
      'are renewed by their token, also after they lapsed while nobody took them back',
      inCase(harness, async (stage) => {
        const { queueId, token } = await held(stage)
        const [result] = await stage.storage.renew(
          renewCommand([{ queueId, token, progress: 0.5 }], EXPIRES + 1),
        )
        equal(result, { ok: true, leaseExpiresAt: EXPIRES + 1 + LEASE_MS }, 'the renewal')
        includes(
          await stage.row(queueId),
          { leaseExpiresAt: EXPIRES + 1 + LEASE_MS, progress: 0.5 },
          'the row',
        )
        await stage.storage.renew(renewCommand([{ queueId, token, progress: null }], EXPIRES + 2))
        includes(await stage.row(queueId), { progress: 0.5 }, 'progress stays')
      }),
    )
    it(
      'lapse exactly at their expiry',
      inCase(harness, async (stage) => {
        const { queueId, token } = await held(stage)
        const due = (at: number) => stage.storage.due({ what: 'lease', max: 10, at })
        equal(await due(EXPIRES - 1), [], 'due a millisecond early')
        await stage.unchangedBy('reclaiming early', async () => {
          includes(
            await stage.apply(queueId, 'reclaim', { token }, EXPIRES - 1),
            { ok: false, code: 'not_due' },
            'early',
          )
        })
        const [item] = await due(EXPIRES)
        includes(
          item,
          { queueId, token, attempt: 1, maxAttempts: 3, userId: 'ada', modelId: 'm' },
          'due on time',
        )
        includes(
          await stage.apply(queueId, 'reclaim', { token }, EXPIRES),
          { ok: true, event: 'reclaim' },
          'on time',
        )
      }),
    )
    it(
      'that lapse with no attempt left fail their generation, refunded',
      inCase(harness, async (stage) => {
        const { queueId } = await stage.admit({ maxAttempts: 1, ticketCost: 5 })
        const { leaseToken: token } = await stage.claimOne()
        const result = await stage.apply(
          queueId,
          ['reclaim', 'giveUp'],
          { token, errorMessage: 'died' },
          EXPIRES,
        )
        includes(result, { ok: true, event: 'giveUp' }, 'the move')
        includes(
          await stage.row(queueId),
          { status: 'failed', errorMessage: 'died', ticketsUsed: 0 },
          'the row',
        )
        includes(await stage.account(), { balance: 100, reserved: 0 }, 'the account')
      }),
    )
    it(
      'of another length, and deadlines, are honoured to the millisecond',
      inCase(harness, async (stage) => {
        const { queueId } = await stage.admit({ maxWaitMs: 500 })
        const due = async (at: number) => (await stage.storage.due({ what: 'deadline', max: 10, at })).length
        equal([await due(T0 + 499), await due(T0 + 500)], [0, 1], 'deadlines due')
        includes(await stage.apply(queueId, 'expire', {}, T0 + 499), { code: 'not_due' }, 'expired early')
        // A start lifts the deadline, for good.
        const row = await stage.claimOne('m', T0 + 499, 100)
        equal(row.leaseExpiresAt, T0 + 599, 'lease expiry')
        equal(await due(T0 + 10_000), 0, 'deadlines due after the start')
      }),
    )
    it(
      'are timed by the clock of the storage when no time is given',
      inCase(harness, async (stage) => {
        const { at: _claimAt, ...claim } = claimCommand(['t'], T0)
        const { at: _renewAt, ...renew } = renewCommand([], T0)
        const { queueId } = await stage.admit()
        const lasts = async (grant: () => Promise<number | null | undefined>) => {
          const before = await stage.storage.now()
          const expiresAt = (await grant()) ?? 0
          const after = await stage.storage.now()
          ok(expiresAt >= before + LEASE_MS && expiresAt <= after + LEASE_MS, `expires at ${expiresAt}`)
        }
        await lasts(async () => (await stage.storage.claim(claim))[0]?.leaseExpiresAt)
        await lasts(async () => {
          const items = [{ queueId, token: 't', progress: null }]
          const [result] = await stage.storage.renew({ ...renew, items })
          return result?.ok ? result.leaseExpiresAt : null
        })
        equal(await stage.storage.due({ what: 'lease', max: 10 }), [], 'lapsed already')
      }),
    )
    it(
      'are granted by start only in its turn, and never under a paused model',
      inCase(harness, async (stage) => {
        const ids = []
        for (let i = 0; i < 4; i++) ids.push((await stage.admit({ modelId: i < 3 ? 'm' : 'one' })).queueId)
        const start = async (queueId: number) =>
          (await stage.storage.start(startCommand([{ queueId, token: stage.token() }], T0)))[0]
        includes(await start(ids[2] as number), { ok: false, code: 'model_full' }, 'the third of two slots')
        includes(await start(ids[1] as number), { ok: true }, 'the second of two slots')
        includes(await start(ids[1] as number), { ok: false, code: 'status_mismatch' }, 'twice')
        includes(await start(ids[0] as number), { ok: true }, 'the first')
        includes(await start(ids[2] as number), { ok: false, code: 'model_full' }, 'the third, no slot left')
        includes(await start(999_999), { ok: false, code: 'generation_unknown' }, 'an unknown one')
        const pause = { modelType: null, maxConcurrent: null, onlyIfMissing: false, paused: true }
        const defaults = { modelType: 'image', maxConcurrent: 1 }
        await stage.storage.limit({ items: [{ modelId: 'one', ...pause, defaults }], at: T0 })
        includes(await start(ids[3] as number), { ok: false, code: 'model_paused' }, 'a paused one')
        equal(
          await stage.storage.claim(claimCommand(['t'], T0, { modelIds: ['one'] })),
          [],
          'a claim of a paused model',
        )
      }),
    )
  })

  describe('a replayed settle', () => {
    for (const event of ['reclaim', 'giveUp', 'expire'] as const) {
      it(
        `${event} answers the same and changes nothing`,
        inCase(harness, async (stage) => {
          const { queueId } = await stage.admit({
            ticketCost: 2,
            maxAttempts: event === 'giveUp' ? 1 : 3,
            maxWaitMs: event === 'expire' ? LEASE_MS : null,
          })
          const token = event === 'expire' ? null : (await stage.claimOne()).leaseToken
          await stage.move(queueId, event, { token }, EXPIRES)
          await stage.unchangedBy(`replaying ${event}`, async () => {
            const answer = await stage.apply(queueId, event, { token }, EXPIRES + 5)
            includes(answer, { ok: true, repeated: true, event }, 'the replay')
          })
        }),
      )
    }
    for (const event of ['complete', 'fail', 'cancel', 'retryLater', 'yield'] as const) {
      for (const withToken of [true, false]) {
        it(
          `${event} ${withToken ? 'under its lease' : 'without a lease'} answers the same and changes nothing`,
          inCase(harness, async (stage) => {
            const { queueId, token } = await held(stage)
            const outcome = { token: withToken ? token : null, errorMessage: 'why' }
            await stage.move(queueId, event, outcome)
            await stage.unchangedBy(`replaying ${event}`, async () => {
              includes(
                await stage.apply(queueId, event, outcome, T0 + 5),
                { ok: true, repeated: true, event },
                'the replay',
              )
            })
          }),
        )
      }
    }
  })
}

async function held(stage: Stage): Promise<{ queueId: number; token: string }> {
  const { queueId } = await stage.admit({ ticketCost: 2 })
  const { leaseToken } = await stage.claimOne()
  return { queueId, token: leaseToken }
}

async function staleSettle(
  stage: Stage,
  lose: (stage: Stage, queueId: number, token: string) => Promise<unknown>,
  event: EventName,
): Promise<void> {
  const { queueId, token } = await held(stage)
  await lose(stage, queueId, token)
  const { status, leaseToken, releasedBy } = await stage.row(queueId)
  await stage.unchangedBy(`a stale ${event}`, async () => {
    const result = await stage.apply(queueId, event, { token })
    // Giving back what is already back under this very token is a replay, which answers ok and changes nothing.
    const replay =
      status === 'queued' && releasedBy === token && (event === 'retryLater' || event === 'yield')
    if (replay) return includes(result, { ok: true, repeated: true }, 'the replay')
    includes(
      result,
      { ok: false, code: leaseToken === null ? 'status_mismatch' : 'lease_mismatch', status },
      'the answer',
    )
  })
}
