import {
  ADMIT_QUEUED,
  ADMIT_STARTED,
  CLAIM,
  EVENTS,
  MOVES,
  type PurgeCommand,
  type Status,
  type Storage,
} from '@genqueue/core'
import { tableStorage } from '@genqueue/core/testing'
import { redisStorage } from '@genqueue/redis'
import * as fc from 'fast-check'
import { Redis } from 'ioredis'
import { afterAll, describe, expect, it } from 'vitest'
import { randomPrefix, removeNamespace } from './support/namespace.js'
import { findServer } from './support/server.js'

/**
 * Whole batches against the pure plan: the same generation, user or key several times in one command, mixed
 * refusals, awkward texts. The model test takes the steps one by one; here they come as a busy queue sends them.
 */

type Act = (storage: Storage, at: number) => Promise<unknown>

const IDS = Array.from({ length: 30 }, (_, i) => i + 1)
const USERS = ['ann', 'bob', 'zoë']
const user = fc.constantFrom(...USERS)
const token = fc.constantFrom('t1', 't2', 't3', '')
const queueId = fc.constantFrom(...IDS)
const maybe = <Value>(...values: Value[]) => fc.constantFrom(null, ...values)
const batch = <Item>(item: fc.Arbitrary<Item>) => fc.array(item, { minLength: 1, maxLength: 6 })
const APPLIED = EVENTS.flatMap((event) => MOVES[event]).filter(
  (m) => m.from !== null && m.toPlace !== 'leased',
)

const admits = fc.record({
  items: batch(
    fc.record({
      userId: user,
      modelId: fc.constantFrom('m1', 'm2', 'm:3', 'nope'),
      modelType: maybe('video'),
      prompt: fc.constantFrom('', 'p', 'prömpt 🦊'.repeat(40)),
      parameters: fc.constant('{"a":[1,"é"]}'),
      metadata: maybe('{}'),
      priority: fc.constantFrom(0, 0, 5, -1_000, 1_000),
      ticketCost: fc.nat({ max: 3 }),
      idempotencyKey: fc.nat({ max: 60 }).map((n) => `k${n}`),
      fingerprint: fc.constantFrom('', '', 'f'),
      maxAttempts: fc.integer({ min: 1, max: 3 }),
      maxWaitMs: maybe(1_000, 100_000),
      leaseToken: fc.option(token),
    }),
  ),
  maxQueued: fc.constantFrom(3, 1_000),
})
const applies = fc.record({
  items: batch(
    fc.record({
      queueId,
      moves: fc.array(fc.constantFrom(...APPLIED), { minLength: 1, maxLength: 4 }),
      token: fc.option(token),
      ticketsUsed: maybe(0, 1, 3, 9),
      delayMs: fc.constantFrom(0, 0, 1, 1_000, 50_000),
      resultUrl: maybe('http://x/é'),
      output: maybe('{"o":1}'),
      errorMessage: maybe('boom'),
    }),
  ),
  maxQueued: fc.constantFrom(2, 1_000),
  rows: fc.boolean(),
})
const limitItems = batch(
  fc.record({
    modelId: fc.constantFrom('m1', 'm2', 'm:3'),
    modelType: maybe('image'),
    maxConcurrent: maybe(1, 2, 5),
    paused: maybe(false, true),
    onlyIfMissing: fc.boolean(),
    defaults: fc.constant({ modelType: 'image', maxConcurrent: 2 }),
  }),
)
const postItems = batch(
  fc.record({
    userId: user,
    amount: fc.constantFrom(5, 10, -3, 1, 2_147_483_647),
    key: fc.nat({ max: 40 }).map((n) => `g${n}`),
    memo: maybe('memo'),
  }),
)
const claims = fc.record({
  modelIds: fc.constantFrom(null, ['m1'], ['m2', 'm:3'], ['m1', 'm1', 'nope']),
  tokens: fc.array(token, { minLength: 1, maxLength: 4 }),
})
const purges = fc.constantFrom<(at: number) => PurgeCommand>(
  (at) => ({ what: 'generations', statuses: ['completed', 'failed', 'cancelled'], before: at - 100, max: 2 }),
  (at) => ({ what: 'ledger', before: at - 10_000_000, max: 1_000 }),
  (at) => ({ what: 'rollups', before: at - 10_000_000, max: 1_000 }),
)
const leaseMs = 12_000

const act: fc.Arbitrary<Act> = fc.oneof(
  {
    weight: 5,
    arbitrary: admits.map(
      (c): Act =>
        (s, at) =>
          s.admit({ ...c, queued: ADMIT_QUEUED, started: ADMIT_STARTED, leaseMs, at }),
    ),
  },
  {
    weight: 3,
    arbitrary: claims.map(
      (c): Act =>
        (s, at) =>
          s.claim({ ...c, claim: CLAIM, leaseMs, at }),
    ),
  },
  {
    weight: 1,
    arbitrary: batch(fc.record({ queueId, token })).map(
      (items): Act =>
        (s, at) =>
          s.start({ items, claim: CLAIM, leaseMs, at }),
    ),
  },
  {
    weight: 5,
    arbitrary: applies.map(
      (c): Act =>
        (s, at) =>
          s.apply({ ...c, at }),
    ),
  },
  {
    weight: 1,
    arbitrary: batch(fc.record({ queueId, token, progress: maybe(0, 0.1 + 0.2, 1) })).map(
      (items): Act =>
        (s, at) =>
          s.renew({ items, leaseMs, at }),
    ),
  },
  {
    weight: 1,
    arbitrary: postItems.map(
      (items): Act =>
        (s, at) =>
          s.post({ items, at }),
    ),
  },
  {
    weight: 1,
    arbitrary: limitItems.map(
      (items): Act =>
        (s, at) =>
          s.limit({ items, at }),
    ),
  },
  {
    weight: 1,
    arbitrary: purges.map(
      (make): Act =>
        (s, at) =>
          purged(s, make(at)),
    ),
  },
)
/** How many rollups go depends on how far a storage sums them up. */
const purged = async (storage: Storage, command: PurgeCommand) => {
  const removed = await storage.purge(command)
  return command.what === 'rollups' ? null : removed
}

const step = fc.record({ waitMs: fc.constantFrom(0, 0, 1, 7, 500, 5_000, 60_000, 4_000_000), act })

const byText = <Item>(items: readonly Item[]) =>
  [...items].sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1))

async function picture(storage: Storage, at: number) {
  const list = (
    statuses: readonly Status[] | null,
    userId: string | null,
    cursor: number | null,
    limit: number,
  ) => storage.list({ statuses, modelId: null, userId, text: null, cursor, limit })
  return {
    rows: await storage.get(IDS),
    positions: await storage.positions({ queueIds: IDS, at }),
    accounts: await storage.accounts(USERS),
    ledgers: await Promise.all(
      USERS.map((userId) => storage.ledger({ userId, queueId: null, cursor: null, limit: 1_000 })),
    ),
    limits: await storage.limits(),
    stats: byText(await storage.stats({ modelIds: null, at })),
    rollups: byText(await storage.rollups({ modelIds: null, fromHour: 0 })),
    lease: await storage.due({ what: 'lease', max: 100, at }),
    deadline: await storage.due({ what: 'deadline', max: 100, at }),
    lists: [
      (await list(['queued', 'failed'], null, 20, 3)).rows,
      (await list(['processing'], null, null, 3)).rows,
      (await list(['queued'], 'bob', null, 3)).rows,
      (await list(null, 'bob', 25, 4)).rows,
    ],
    audit: await storage.audit({ modelCursor: '', userCursor: '', limit: 100 }),
  }
}

const server = await findServer()

describe.skipIf(server === null)('batches', () => {
  const client = new Redis(server?.url ?? '', { lazyConnect: true })
  afterAll(async () => {
    client.disconnect()
    await server?.release()
  })

  it('agree with the plan', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 60, maxLength: 120, size: 'max' }), async (steps) => {
        const prefix = randomPrefix()
        const subject = redisStorage({ client, prefix })
        const reference = tableStorage()
        await subject.open()
        try {
          let at = 1_795_000_000_000
          for (const { waitMs, act: run } of steps) {
            at += waitMs
            expect(await run(subject, at)).toEqual(await run(reference, at))
          }
          expect(await picture(subject, at)).toEqual(await picture(reference, at))
        } finally {
          await removeNamespace(client, prefix)
        }
      }),
      { numRuns: 30, interruptAfterTimeLimit: 15_000, endOnFailure: true },
    )
  })
})
