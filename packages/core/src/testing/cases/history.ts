import { HOUR_MS } from '../../generation.js'
import { HISTOGRAM_BOUNDS_MS, histogramBin } from '../../histogram.js'
import { appendTimeline, TIMELINE_MAX } from '../../timeline.js'
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
import { equal, ok } from '../check.js'
import { type Harness, inCase, type Runner, type Stage, T0 } from '../harness.js'

/** Every so many bounds are tried, with their neighbours on both sides. */
const BOUND_STEP = 5
/** More than enough rounds of claim and yield to fill a timeline. */
const ROUNDS = 30

export function historyCases({ describe, it }: Runner, harness: Harness): void {
  describe('history', () => {
    it('of a generation is kept whole up to its most, then without its oldest entries', inCase(harness, long))
    it('of run times falls into the very bins that core reads', inCase(harness, bins))
    it(
      'of tickets adds up line by line',
      inCase(harness, async (stage) => {
        await busyLife(stage)
        const lines = (await stage.ledger()).reverse()
        let [balance, reserved, entryId] = [0, 0, 0]
        for (const line of lines) {
          const { kind, amount } = line
          if (kind === 'grant') balance += amount
          if (kind === 'revoke' || kind === 'capture') balance -= amount
          if (kind === 'reserve') reserved += amount
          if (kind === 'refund' || kind === 'capture') reserved -= amount
          equal([line.balance, line.reserved], [balance, reserved], `after ${kind} ${amount}`)
          ok(line.entryId > entryId, 'entries are numbered in the order of writing')
          entryId = line.entryId
          equal(line.queueId === null, kind === 'grant' || kind === 'revoke', 'whose line it is')
        }
        const account = await stage.account()
        equal([account.balance, account.reserved], [balance, reserved], 'the account')
      }),
    )
    it(
      'of failures is found by a part of the message, over all pages',
      inCase(harness, async (stage) => {
        const failed: number[] = []
        for (let i = 0; i < 5; i++) {
          const row = await stage.inStatus('processing')
          const errorMessage = i % 2 === 0 ? `Provider said 50${i}: Overloaded` : 'bad prompt'
          await stage.move(row.queueId, 'fail', { errorMessage })
          if (i % 2 === 0) failed.unshift(row.queueId)
        }
        const found: number[] = []
        let cursor: number | null = null
        for (let page = 0; page < 20; page++) {
          const query = listQuery({ text: 'overLOADED', statuses: ['failed'], cursor, limit: 1 })
          const result: Awaited<ReturnType<Stage['storage']['list']>> = await stage.storage.list(query)
          found.push(...result.rows.map((row) => row.queueId))
          cursor = result.cursor
          if (cursor === null) break
        }
        equal([found, cursor], [failed, null], 'found')
      }),
    )
    it(
      'of a generation settled twice in one millisecond is purged once',
      inCase(harness, async (stage) => {
        const { queueId } = await stage.inStatus('cancelled')
        await stage.move(queueId, 'resubmit')
        await stage.move(queueId, 'cancel')
        const command = { what: 'generations', statuses: ['cancelled'], before: T0, max: 10 } as const
        equal(await stage.storage.purge(command), 1, 'generations removed')
        equal(await stage.storage.purge(command), 0, 'generations left to remove')
      }),
    )
    it('of hours that ended is purged whole, by asking until fewer come back', inCase(harness, manyRollups))
    it(
      'that is due comes oldest first, and no more of it than asked',
      inCase(harness, async (stage) => {
        await stage.storage.limit(limitCommand([limitItem('m', { maxConcurrent: 10 })], T0))
        const leases = []
        for (const leaseMs of [300, 100, 200]) {
          await stage.admit()
          leases.push((await stage.claimOne('m', T0, leaseMs)).queueId)
        }
        const [late, soon, middle] = leases
        const due = async (what: 'lease' | 'deadline', max: number, at: number) =>
          (await stage.storage.due({ what, max, at })).map(({ queueId }) => queueId)
        equal(await due('lease', 10, T0 + 299), [soon, middle], 'lapsed so far')
        equal(await due('lease', 2, T0 + 300), [soon, middle], 'at most two')
        equal(await due('lease', 10, T0 + 300), [soon, middle, late], 'all lapsed')
        const [b, a] = [await stage.admit({ maxWaitMs: 20 }), await stage.admit({ maxWaitMs: 10 })]
        equal(await due('deadline', 10, T0 + 20), [a.queueId, b.queueId], 'overdue')
        equal(await due('deadline', 1, T0 + 20), [a.queueId], 'at most one')
      }),
    )
  })
}

/** More rollups than a storage is likely to remove with one statement. */
const [MODELS, MODELS_AT_ONCE] = [300, 100]
const PURGE_MAX = 250

async function manyRollups({ storage }: Stage): Promise<void> {
  for (let first = 0; first < MODELS; first += MODELS_AT_ONCE) {
    const ids = Array.from({ length: MODELS_AT_ONCE }, (_, n) => `model-${first + n}`)
    await storage.limit(
      limitCommand(
        ids.map((id) => limitItem(id)),
        T0,
      ),
    )
    await storage.admit(
      admitCommand(
        ids.map((modelId) => admitItem({ modelId, ticketCost: 0 })),
        T0,
      ),
    )
  }
  const hour = T0 - (T0 % HOUR_MS)
  const purge = (before: number) => storage.purge({ what: 'rollups', before, max: PURGE_MAX })
  equal(await purge(hour + HOUR_MS - 1), 0, 'removed of an hour that goes on')
  const removed = [await purge(hour + HOUR_MS)]
  while (removed.length < MODELS && removed.at(-1) === PURGE_MAX) removed.push(await purge(hour + HOUR_MS))
  equal(await storage.rollups({ modelIds: null, fromHour: 0 }), [], 'left')
  ok(removed.reduce((sum, count) => sum + count, 0) >= MODELS, 'as many were removed as there were')
}

async function long(stage: Stage): Promise<void> {
  const { queueId } = await stage.admit()
  let expected = appendTimeline('', 'admit', T0)
  for (let round = 1; round <= ROUNDS; round++) {
    const { leaseToken: token } = await stage.claimOne('m', T0 + round)
    await stage.move(queueId, 'yield', { token }, T0 + round)
    expected = appendTimeline(appendTimeline(expected, 'claim', T0 + round), 'yield', T0 + round)
    const { timeline } = await stage.row(queueId)
    equal(timeline, expected, `after ${round} rounds`)
  }
  ok(!expected.startsWith('admit') && expected.length <= TIMELINE_MAX, 'the oldest entries are gone')
}

async function bins(stage: Stage): Promise<void> {
  const runs = HISTOGRAM_BOUNDS_MS.filter((_, i) => i % BOUND_STEP === 0).flatMap((b) => [b - 1, b, b + 1])
  await stage.storage.limit(limitCommand([limitItem('m', { maxConcurrent: runs.length })], T0))
  const items = runs.map(() => admitItem({ ticketCost: 0, leaseToken: stage.token() }))
  const admitted = await stage.storage.admit(admitCommand(items, T0))
  for (const [i, result] of admitted.entries()) {
    const queueId = result.ok ? result.queueId : 0
    await stage.storage.apply(applyCommand([applyItem(queueId, 'complete')], T0 + (runs[i] as number)))
  }
  const counted = new Map<number, [count: number, sum: number]>()
  for (const fact of await stage.storage.rollups({ modelIds: ['m'], fromHour: 0 })) {
    if (fact.measure !== 'run') continue
    const [count, sum] = counted.get(fact.bin) ?? [0, 0]
    counted.set(fact.bin, [count + fact.count, sum + fact.sum])
  }
  const expected = new Map<number, [count: number, sum: number]>()
  for (const runMs of runs) {
    const [count, sum] = expected.get(histogramBin(runMs)) ?? [0, 0]
    expected.set(histogramBin(runMs), [count + 1, sum + runMs])
  }
  const sorted = (map: typeof counted) => [...map].sort(([a], [b]) => a - b)
  equal(sorted(counted), sorted(expected), 'bins, counts and sums')
}

/** Every way in which tickets move, some of them more than once. */
async function busyLife(stage: Stage): Promise<void> {
  await stage.storage.post(postCommand('ada', 50, T0))
  for (const ticketCost of [0, 1, 7]) {
    const done = await stage.inStatus('processing', { ticketCost })
    await stage.move(done.queueId, 'complete', { ticketsUsed: Math.floor(ticketCost / 2) })
    const failed = await stage.inStatus('failed', { ticketCost })
    await stage.move(failed.queueId, 'resubmit')
    const { leaseToken: token } = await stage.claimOne('m')
    await stage.move(failed.queueId, 'retryLater', { token })
    await stage.move(failed.queueId, 'cancel', { ticketsUsed: ticketCost })
    await stage.admit({ ticketCost, modelId: 'one' })
  }
  await stage.storage.post(postCommand('ada', -20, T0))
}
