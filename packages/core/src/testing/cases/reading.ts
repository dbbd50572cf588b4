import { HOUR_MS } from '../../generation.js'
import { histogramBin } from '../../histogram.js'
import { CLEARABLE, STATUSES } from '../../rules.js'
import {
  admitCommand,
  admitItem,
  applyCommand,
  applyItem,
  limitCommand,
  limitItem,
  listQuery,
  postCommand,
} from '../builders.js'
import { equal, includes, ok } from '../check.js'
import { type Harness, inCase, type Runner, type Stage, sortFacts, T0 } from '../harness.js'

/** What waits would be claimed in place of what is brought into a later status after it. */
const QUEUED_LAST = [...STATUSES].reverse()

export function readingCases({ describe, it }: Runner, harness: Harness): void {
  describe('lists', () => {
    it(
      'filter by status, model, user and text in every combination, newest first',
      inCase(harness, async (stage) => {
        await stage.storage.post(postCommand('bob', 50, T0))
        await stage.storage.limit(
          limitCommand([limitItem('m', { maxConcurrent: 50 }), limitItem('one', { maxConcurrent: 50 })], T0),
        )
        for (const status of QUEUED_LAST) {
          for (const userId of ['ada', 'bob']) {
            for (const modelId of ['m', 'one']) {
              await stage.inStatus(status, { userId, modelId, prompt: `A ${status} Sheep` })
            }
          }
        }
        const everything = (await stage.storage.list(listQuery({ limit: 200 }))).rows
        equal(everything.length, 20, 'all of them')
        for (const statuses of [null, ['queued'], ['failed', 'completed']] as const) {
          for (const modelId of [null, 'm', 'nope']) {
            for (const userId of [null, 'ada', 'nobody']) {
              for (const text of [null, 'sHEEp', 'queued', 'absent', '%', '_']) {
                const { rows } = await stage.storage.list(listQuery({ statuses, modelId, userId, text }))
                const expected = everything.filter(
                  (row) =>
                    (statuses === null || (statuses as readonly string[]).includes(row.status)) &&
                    (modelId === null || row.modelId === modelId) &&
                    (userId === null || row.userId === userId) &&
                    (text === null || row.prompt.toLowerCase().includes(text.toLowerCase())),
                )
                const ids = (list: typeof rows) => list.map((row) => row.queueId)
                equal(ids(rows), ids(expected), `${statuses} of ${modelId} by ${userId} with ${text}`)
              }
            }
          }
        }
      }),
    )
    it(
      'page by cursor without gaps or repeats',
      inCase(harness, async (stage) => {
        await stage.storage.admit(
          admitCommand(
            Array.from({ length: 23 }, () => admitItem()),
            T0,
          ),
        )
        for (const filter of [{}, { userId: 'ada' }, { modelId: 'm' }, { statuses: ['queued' as const] }]) {
          const seen: number[] = []
          let cursor: number | null = null
          do {
            const page: Awaited<ReturnType<Stage['storage']['list']>> = await stage.storage.list(
              listQuery({ ...filter, cursor, limit: 5 }),
            )
            ok(page.rows.length <= 5, 'a page is too long')
            seen.push(...page.rows.map((row) => row.queueId))
            cursor = page.cursor
          } while (cursor !== null && seen.length < 100)
          equal(seen.length, 23, `rows by ${JSON.stringify(filter)}`)
          equal(
            seen,
            [...new Set(seen)].sort((a, b) => b - a),
            'newest first, each once',
          )
        }
      }),
    )
  })

  describe('statistics', () => {
    it(
      'count by status and tell starts and recent run times',
      inCase(harness, async (stage) => {
        await stage.storage.limit(
          limitCommand([limitItem('m', { maxConcurrent: 10, modelType: 'video' })], T0),
        )
        for (let i = 0; i < 4; i++) await stage.admit({}, T0 + i)
        const rows = []
        for (let i = 0; i < 3; i++) rows.push(await stage.claimOne('m', T0 + 100 * i))
        const [a, b] = rows as [(typeof rows)[0], (typeof rows)[0]]
        await stage.move(a.queueId, 'complete', { token: a.leaseToken }, T0 + 1_000)
        await stage.move(b.queueId, 'fail', { token: b.leaseToken }, T0 + 2_000)
        const [stats] = await stage.storage.stats({ modelIds: ['m'], at: T0 + 3_000 })
        includes(
          stats,
          {
            modelId: 'm',
            modelType: 'video',
            maxConcurrent: 10,
            active: 1,
            paused: false,
            waiting: 1,
            delayed: 0,
            nextQueuedAt: T0 + 3,
            activeStartedAt: [T0 + 200],
            recentRunMs: [1_900, 1_000],
            counts: { queued: 1, processing: 1, completed: 1, failed: 1, cancelled: 0 },
          },
          'the statistics',
        )
        equal((await stage.storage.stats({ modelIds: ['nope'], at: T0 })).length, 0, 'an unknown model')
        equal(
          (await stage.storage.stats({ modelIds: null, at: T0 })).map((s) => s.modelId).sort(),
          ['m', 'one'],
          'all models',
        )
      }),
    )
    it(
      'keep only the newest run times',
      inCase(harness, async (stage) => {
        await stage.storage.post(postCommand('ada', 100, T0))
        for (let i = 1; i <= 40; i++) {
          const { queueId } = await stage.admit({ modelId: 'one' })
          const { leaseToken } = await stage.claimOne('one')
          await stage.move(queueId, 'complete', { token: leaseToken }, T0 + i)
        }
        const [stats] = await stage.storage.stats({ modelIds: ['one'], at: T0 })
        equal(
          stats?.recentRunMs,
          Array.from({ length: 32 }, (_, i) => 40 - i),
          'newest first',
        )
      }),
    )
    it(
      'roll up by the hour of the event',
      inCase(harness, async (stage) => {
        const hour = Math.floor(T0 / HOUR_MS) * HOUR_MS
        const { queueId } = await stage.admit({ ticketCost: 5 }, hour + 10)
        const { leaseToken } = await stage.claimOne('m', hour + 1_010)
        await stage.move(queueId, 'complete', { token: leaseToken, ticketsUsed: 3 }, hour + HOUR_MS)
        const waited = histogramBin(1_000)
        const ran = histogramBin(HOUR_MS - 1_010)
        const next = hour + HOUR_MS
        const facts = [
          { hour, measure: 'admit', bin: 0, count: 1, sum: 0 },
          { hour, measure: 'claim', bin: 0, count: 1, sum: 0 },
          { hour, measure: 'wait', bin: waited, count: 1, sum: 1_000 },
          { hour: next, measure: 'complete', bin: 0, count: 1, sum: 0 },
          { hour: next, measure: 'run', bin: ran, count: 1, sum: HOUR_MS - 1_010 },
          { hour: next, measure: 'captured', bin: 0, count: 1, sum: 3 },
          { hour: next, measure: 'refunded', bin: 0, count: 1, sum: 2 },
        ].map((fact) => ({ modelId: 'm', ...fact }))
        equal(
          sortFacts(normal(await stage.storage.rollups({ modelIds: null, fromHour: 0 }))),
          sortFacts(normal(facts)),
          'all hours',
        )
        const later = await stage.storage.rollups({ modelIds: ['m'], fromHour: next })
        equal(
          sortFacts(normal(later)),
          sortFacts(normal(facts.filter((fact) => fact.hour === next))),
          'from the next hour',
        )
        equal(await stage.storage.rollups({ modelIds: ['one'], fromHour: 0 }), [], 'of another model')
      }),
    )
  })

  describe('ledger, audit and purge', () => {
    it(
      'page the ledger newest first, also by generation',
      inCase(harness, async (stage) => {
        const { queueId } = await stage.inStatus('completed', { ticketCost: 2 })
        await stage.inStatus('cancelled', { ticketCost: 3 })
        const first = await stage.storage.ledger({ userId: 'ada', queueId: null, cursor: null, limit: 3 })
        equal(
          first.entries.map((e) => [e.kind, e.amount]),
          [
            ['refund', 3],
            ['reserve', 3],
            ['capture', 2],
          ],
          'page 1',
        )
        const second = await stage.storage.ledger({
          userId: 'ada',
          queueId: null,
          cursor: first.cursor,
          limit: 3,
        })
        equal(
          second.entries.map((e) => [e.kind, e.amount]),
          [
            ['reserve', 2],
            ['grant', 100],
          ],
          'page 2',
        )
        equal(second.cursor, null, 'the end')
        const own = await stage.storage.ledger({ userId: 'ada', queueId, cursor: null, limit: 10 })
        equal(
          own.entries.map((e) => e.kind),
          ['capture', 'reserve'],
          'of one generation',
        )
        equal(
          (await stage.storage.ledger({ userId: 'nobody', queueId: null, cursor: null, limit: 10 })).entries,
          [],
          'of nobody',
        )
      }),
    )
    it(
      'audit every model and user in pages, and find nothing wrong',
      inCase(harness, async (stage) => {
        for (const status of QUEUED_LAST) await stage.inStatus(status, { ticketCost: 4 })
        await stage.storage.post(postCommand('bob', 1, T0))
        const models = []
        const users = []
        let [modelCursor, userCursor]: [string | null, string | null] = ['', '']
        for (let page = 0; page < 10 && (modelCursor !== null || userCursor !== null); page++) {
          const found: Awaited<ReturnType<Stage['storage']['audit']>> = await stage.storage.audit({
            modelCursor,
            userCursor,
            limit: 1,
          })
          models.push(...found.models)
          users.push(...found.users)
          ;({ modelCursor, userCursor } = found)
        }
        equal(
          models,
          [
            { modelId: 'm', maxConcurrent: 2, active: 1, leased: 1, waiting: 1, indexed: 1 },
            { modelId: 'one', maxConcurrent: 1, active: 0, leased: 0, waiting: 0, indexed: 0 },
          ],
          'models',
        )
        equal(
          users.map(({ account, live }) => [account.userId, account.reserved, live]),
          [
            ['ada', 8, 8],
            ['bob', 0, 0],
          ],
          'users',
        )
        await stage.unchangedBy('mending what is sound', () =>
          stage.storage.mend({ modelIds: ['m', 'one'], userIds: ['ada', 'bob'], at: T0 }),
        )
      }),
    )
    it(
      'purge in bounded steps, oldest first, by age and status',
      inCase(harness, async (stage) => {
        const ids = []
        for (let i = 0; i < 6; i++) {
          const { queueId } = await stage.admit()
          await stage.move(queueId, 'cancel', {}, T0 + i)
          ids.push(queueId)
        }
        const purge = (before: number, max: number, statuses = CLEARABLE) =>
          stage.storage.purge({ what: 'generations', statuses, before, max })
        equal(await purge(T0 - 1, 10), 0, 'too young')
        equal(await purge(T0 + 10, 10, ['completed']), 0, 'of another status')
        equal(await purge(T0 + 4, 2), 2, 'at most max')
        equal(
          (await stage.storage.get(ids)).map((row) => row === null),
          [true, true, false, false, false, false],
          'oldest first',
        )
        equal(await purge(T0 + 4, 10), 3, 'exactly as old')
        equal(
          (await stage.storage.list(listQuery())).rows.map((row) => row.queueId),
          [ids[5]],
          'what is left',
        )
        equal(await stage.storage.purge({ what: 'ledger', before: T0 - 1, max: 100 }), 0, 'ledger too young')
        const ledger = (await stage.ledger()).length
        equal(
          await stage.storage.purge({ what: 'ledger', before: T0 + 99, max: 5 }),
          5,
          'ledger, at most max',
        )
        equal((await stage.ledger()).length, ledger - 5, 'ledger left')
        includes(await stage.account(), { balance: 100, granted: 100 }, 'balances stay')
        ok(
          (await stage.storage.purge({ what: 'rollups', before: T0 + 2 * HOUR_MS, max: 100 })) > 0,
          'rollups removed',
        )
        equal(await stage.storage.rollups({ modelIds: null, fromHour: 0 }), [], 'rollups left')
        // The key of a removed generation is free again.
        const key = { idempotencyKey: 'again' }
        const first = await stage.admit(key)
        await stage.storage.apply(applyCommand([applyItem(first.queueId, 'cancel')], T0))
        await purge(T0 + 99, 10)
        includes(await stage.admit(key), { duplicate: false }, 'the key of a removed generation')
      }),
    )
  })
}

/** Field order of an adapter's answers is its own business. */
const normal = <Fact extends object>(facts: readonly Fact[]) =>
  facts.map((fact) => Object.fromEntries(Object.entries(fact).sort(([a], [b]) => (a < b ? -1 : 1))))
