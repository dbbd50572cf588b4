import { sleep, systemClock } from '../../runtime.js'
import { DEFAULT_SIZES } from '../../schemas/sizes.js'
import {
  admitCommand,
  admitItem,
  applyCommand,
  applyItem,
  limitCommand,
  limitItem,
  postCommand,
} from '../builders.js'
import { equal, includes, ok, rejects } from '../check.js'
import { type Harness, inCase, type Runner, T0 } from '../harness.js'

const TEXTS: Readonly<Record<string, string>> = {
  empty: '',
  spaces: '  two  spaces \t\r\n and a line ',
  quotes: `'"\`\\ ; -- $1 %s \${x} {{y}} NULL`,
  unicode: 'ünïcödé, 日本語, العربية, עברית, Ελληνικά, हिन्दी',
  emoji: '🧜🏽‍♀️👩‍👩‍👧‍👦🏳️‍🌈 \u200d\ufeff\u2028',
  combining: 'e\u0301 vs \u00e9',
  control: '\u0001\u001f\u007f',
}

export function contentCases({ describe, it }: Runner, harness: Harness): void {
  describe('content', () => {
    for (const [name, text] of Object.entries(TEXTS)) {
      it(
        `comes back as it was: ${name}`,
        inCase(harness, async (stage) => {
          const value = { text, list: [text, 1.5, true, null], [`key ${text}`]: {} }
          const { queueId } = await stage.admit({
            prompt: text,
            parameters: JSON.stringify(value),
            metadata: JSON.stringify(text),
          })
          const { leaseToken: token } = await stage.claimOne()
          const outcome = { token, output: JSON.stringify(value), resultUrl: text, errorMessage: text }
          await stage.move(queueId, 'complete', outcome)
          const row = await stage.row(queueId)
          includes(row, { prompt: text, resultUrl: text, errorMessage: text }, 'texts')
          // A database may keep JSON its own way: equal as values.
          equal(JSON.parse(row.parameters), value, 'parameters')
          equal(JSON.parse(row.metadata as string), text, 'metadata')
          equal(JSON.parse(row.output as string), value, 'output')
        }),
      )
    }
    it(
      'may be as large as is allowed',
      inCase(harness, async (stage) => {
        const big = {
          prompt: '🐑'.repeat(DEFAULT_SIZES.promptBytes / 4),
          parameters: JSON.stringify('p'.repeat(DEFAULT_SIZES.parametersBytes - 2)),
          metadata: JSON.stringify('m'.repeat(DEFAULT_SIZES.metadataBytes - 2)),
          idempotencyKey: 'k'.repeat(DEFAULT_SIZES.idLength),
        }
        const { queueId } = await stage.admit(big)
        const { leaseToken: token } = await stage.claimOne()
        const output = JSON.stringify('o'.repeat(DEFAULT_SIZES.outputBytes - 2))
        const resultUrl = `data:image/png;base64,${'A'.repeat(DEFAULT_SIZES.resultUrlBytes - 22)}`
        await stage.move(queueId, 'complete', { token, output, resultUrl })
        const row = await stage.row(queueId)
        ok(
          row.prompt === big.prompt && row.parameters === big.parameters && row.metadata === big.metadata,
          'the request',
        )
        ok(row.output === output && row.resultUrl === resultUrl, 'the result')
        includes(row, { idempotencyKey: big.idempotencyKey }, 'the key')
      }),
    )
    it(
      'keeps ids apart that look alike',
      inCase(harness, async (stage) => {
        const ids = [
          'a',
          'A',
          'a ',
          ' a',
          'á',
          'a:b',
          'a{b}',
          'a\u0301',
          '__proto__',
          'constructor',
          'é'.repeat(90),
        ]
        await stage.storage.limit(
          limitCommand(
            ids.map((id) => limitItem(id, { maxConcurrent: 1 })),
            T0,
          ),
        )
        for (const [i, id] of ids.entries()) {
          await stage.storage.post(postCommand(id, i + 1, T0, 'same-key'))
          await stage.admit({ userId: id, modelId: id, leaseToken: `t${i}`, idempotencyKey: 'same-key' })
        }
        const accounts = await stage.storage.accounts(ids)
        equal(
          accounts.map((account) => account?.balance),
          ids.map((_, i) => i + 1),
          'balances',
        )
        const stats = await stage.storage.stats({ modelIds: ids, at: T0 })
        equal(
          stats.map((s) => [s.modelId, s.active]),
          ids.map((id) => [id, 1]),
          'models',
        )
      }),
    )
    it(
      'keeps numbers exact at their bounds',
      inCase(harness, async (stage) => {
        await stage.storage.post(postCommand('bob', 2_147_483_647, T0))
        const { queueId } = await stage.admit({
          userId: 'bob',
          ticketCost: 2_147_483_647,
          priority: -1_000,
          maxAttempts: 100,
          maxWaitMs: 31_622_400_000,
        })
        includes(
          await stage.row(queueId),
          {
            ticketCost: 2_147_483_647,
            priority: -1_000,
            maxAttempts: 100,
            maxWaitMs: 31_622_400_000,
            deadlineAt: T0 + 31_622_400_000,
          },
          'the row',
        )
        await stage.move(queueId, 'cancel', { ticketsUsed: 2_147_483_647 })
        includes(
          await stage.account('bob'),
          { balance: 0, reserved: 0, captured: 2_147_483_647 },
          'the account',
        )
      }),
    )
  })

  describe('limits', () => {
    it(
      'are created, edited, and left alone when only the missing ones are asked for',
      inCase(harness, async (stage) => {
        const missing = limitItem('m', {
          onlyIfMissing: true,
          defaults: { modelType: 'video', maxConcurrent: 9 },
        })
        const fresh = limitItem('new', {
          onlyIfMissing: true,
          defaults: { modelType: 'video', maxConcurrent: 9 },
        })
        const answered = await stage.storage.limit(limitCommand([missing, fresh], T0 + 1))
        equal(
          answered.map((limit) => [limit.modelId, limit.modelType, limit.maxConcurrent, limit.paused]),
          [
            ['m', 'image', 2, false],
            ['new', 'video', 9, false],
          ],
          'created',
        )
        await stage.inStatus('processing')
        const [edited] = await stage.storage.limit(
          limitCommand([limitItem('m', { paused: true, modelType: 'other' })], T0 + 2),
        )
        equal(
          edited,
          { modelId: 'm', modelType: 'other', maxConcurrent: 2, paused: true, active: 1, updatedAt: T0 + 2 },
          'edited',
        )
        equal(
          (await stage.storage.limits()).map((limit) => limit.modelId),
          ['m', 'new', 'one'],
          'by id',
        )
      }),
    )
    it(
      'created by two at once agree',
      inCase(harness, async (stage) => {
        const both = [stage.storage, await stage.another()]
        const items = limitCommand(
          [limitItem('x', { onlyIfMissing: true }), limitItem('y', { onlyIfMissing: true })],
          T0,
        )
        await Promise.all([...both, ...both].map((storage) => storage.limit(items)))
        equal(
          (await stage.storage.limits()).map((limit) => limit.modelId),
          ['m', 'one', 'x', 'y'],
          'limits',
        )
      }),
    )
  })

  describe('life of a storage', () => {
    it(
      'opens twice, closes twice, and refuses commands after that',
      inCase(harness, async (stage) => {
        await stage.storage.open()
        await stage.storage.close()
        await stage.storage.close()
        await rejects(
          stage.storage.admit(admitCommand([admitItem()], T0)),
          'StorageError',
          'a command after close',
        )
        await rejects(stage.storage.limits(), 'StorageError', 'a read after close')
      }),
    )
    it(
      'goes by its own clock unless told the time, and takes empty batches',
      inCase(harness, async (stage) => {
        const { at: _at, ...command } = admitCommand([admitItem()], T0)
        const before = await stage.storage.now()
        const [result] = await stage.storage.admit(command)
        const after = await stage.storage.now()
        ok(
          result?.ok && result.queuedAt >= before && result.queuedAt <= after,
          'queuedAt lies between two looks at the clock',
        )
        ok(Number.isSafeInteger(before) && before > T0, 'whole milliseconds since 1970')
        equal(await stage.storage.admit(admitCommand([], T0)), [], 'no admissions')
        equal(await stage.storage.apply(applyCommand([], T0)), [], 'no moves')
        equal(await stage.storage.get([]), [], 'no reads')
        const [quiet] = await stage.storage.apply(
          applyCommand([applyItem((result as { queueId: number }).queueId, 'cancel')], T0, { rows: false }),
        )
        includes(quiet, { ok: true, row: null }, 'an answer without its row')
      }),
    )
    it(
      'wakes listeners when something queues or a slot comes free, where it can',
      inCase(harness, async (stage) => {
        if (stage.storage.listen === undefined)
          return equal(stage.storage.supports.listen, false, 'supports.listen')
        const woken: string[] = []
        const stop = await stage.storage.listen((modelIds) => woken.push(...modelIds))
        const other = await stage.another()
        const [result] = await other.admit(admitCommand([admitItem()], T0))
        await soon(() => woken.includes('m'))
        woken.length = 0
        const { leaseToken: token } = await stage.claimOne()
        const queueId = result?.ok ? result.queueId : 0
        await other.apply(applyCommand([applyItem(queueId, 'complete', { token })], T0))
        await soon(() => woken.includes('m'))
        await stop()
        woken.length = 0
        await other.admit(admitCommand([admitItem()], T0))
        await sleep(systemClock, 50)
        equal(woken, [], 'woken after stopping')
      }),
    )
  })
}

const WAKE_MS_MAX = 3_000

async function soon(met: () => boolean): Promise<void> {
  const giveUpAt = systemClock.now() + WAKE_MS_MAX
  while (!met()) {
    ok(systemClock.now() < giveUpAt, `not woken within ${WAKE_MS_MAX} ms`)
    await sleep(systemClock, 5)
  }
}
