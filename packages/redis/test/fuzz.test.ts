import { ADMIT_QUEUED, ADMIT_STARTED, CLAIM, EVENTS, MOVES, type Storage } from '@genqueue/core'
import { memoryStorage } from '@genqueue/memory'
import { redisStorage } from '@genqueue/redis'
import { expect, it } from 'vitest'

function rng(seed: number) {
  let a = seed >>> 0
  return () => {
    a = (a + 0x6d2b79f5) | 0
    let t = Math.imul(a ^ (a >>> 15), 1 | a)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296
  }
}

const sortRows = <T>(rows: T[]) => [...rows].sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1))

async function round(seed: number, steps: number, b: Storage) {
  const r = rng(seed)
  const int = (n: number) => Math.floor(r() * n)
  const pick = <T>(items: readonly T[]): T => items[int(items.length)] as T
  const a = memoryStorage()
  const users = ['ann', 'bob', 'zoë']
  const models = ['m1', 'm2', 'm:3', 'nope']
  const tokens = ['t1', 't2', 't3', 't4']
  let at = 1_795_000_000_000 + int(3_600_000)
  let key = 0
  const id = () => 1 + int(30)
  const many = <T>(make: () => T, max = 6) => Array.from({ length: 1 + int(max) }, make)
  const commands: Record<string, (s: Storage) => Promise<unknown>>[] = []
  void commands
  for (let step = 0; step < steps; step++) {
    at += pick([0, 0, 1, 7, 500, 5_000, 60_000, 4_000_000])
    const kind = int(20)
    let name: string
    let run: (s: Storage) => Promise<unknown>
    if (kind < 5) {
      const items = many(() => ({
        userId: pick(users),
        modelId: pick(models),
        modelType: pick([null, 'video']),
        prompt: pick(['', 'p', 'prömpt 🦊'.repeat(int(30))]),
        parameters: '{"a":[1,"é"]}',
        metadata: pick([null, '{}']),
        priority: pick([0, 0, 0, 5, -1000, 1000]),
        ticketCost: int(4),
        idempotencyKey: int(4) === 0 ? `k${int(5)}` : `n${++key}`,
        fingerprint: pick(['', '', 'f']),
        maxAttempts: 1 + int(3),
        maxWaitMs: pick([null, null, 1000, 100_000]),
        leaseToken: pick([null, pick(tokens)]),
      }))
      const command = {
        items,
        queued: ADMIT_QUEUED,
        started: ADMIT_STARTED,
        leaseMs: pick([1_000, 12_000]),
        maxQueued: pick([3, 1000]),
        at,
      }
      name = `admit ${JSON.stringify(command)}`
      run = (s) => s.admit(command)
    } else if (kind < 8) {
      const command = {
        modelIds: pick([null, ['m1'], ['m2', 'm:3'], ['m1', 'm1', 'nope']]),
        tokens: many(() => pick(tokens), 4),
        claim: CLAIM,
        leaseMs: 12_000,
        at,
      }
      name = `claim ${JSON.stringify(command)}`
      run = (s) => s.claim(command)
    } else if (kind < 9) {
      const command = {
        items: many(() => ({ queueId: id(), token: pick(tokens) })),
        claim: CLAIM,
        leaseMs: 12_000,
        at,
      }
      name = `start ${JSON.stringify(command)}`
      run = (s) => s.start(command)
    } else if (kind < 14) {
      const items = many(() => ({
        queueId: id(),
        moves: many(
          () =>
            pick(
              EVENTS.flatMap((e) => [...MOVES[e]]).filter((m) => m.from !== null && m.toPlace !== 'leased'),
            ),
          4,
        ),
        token: pick([null, '', ...tokens]),
        ticketsUsed: pick([null, 0, 1, 3, 9]),
        delayMs: pick([0, 0, 1, 1_000, 50_000]),
        resultUrl: pick([null, 'http://x/é']),
        output: pick([null, '{"o":1}']),
        errorMessage: pick([null, 'boom']),
      }))
      const command = { items, maxQueued: pick([2, 1000]), rows: pick([true, false]), at }
      name = `apply ${JSON.stringify(command)}`
      run = (s) => s.apply(command)
    } else if (kind < 15) {
      const command = {
        items: many(() => ({
          queueId: id(),
          token: pick(tokens),
          progress: pick([null, 0, 0.1 + 0.2, 0.5, 1]),
        })),
        leaseMs: 5_000,
        at,
      }
      name = `renew ${JSON.stringify(command)}`
      run = (s) => s.renew(command)
    } else if (kind < 16) {
      const command = {
        items: many(() => ({
          userId: pick(users),
          amount: pick([5, 10, -3, 1, 2_147_483_647]),
          key: `g${int(30)}`,
          memo: pick([null, 'memo']),
        })),
        at,
      }
      name = `post ${JSON.stringify(command)}`
      run = (s) => s.post(command)
    } else if (kind < 17) {
      const command = {
        items: many(() => ({
          modelId: pick(['m1', 'm2', 'm:3']),
          modelType: pick([null, 'image']),
          maxConcurrent: pick([null, 1, 2, 5]),
          paused: pick([null, null, false, true]),
          onlyIfMissing: pick([true, false]),
          defaults: { modelType: 'image', maxConcurrent: 2 },
        })),
        at,
      }
      name = `limit ${JSON.stringify(command)}`
      run = (s) => s.limit(command)
    } else if (kind < 18) {
      const command = pick([
        {
          what: 'generations' as const,
          statuses: pick([['completed', 'failed', 'cancelled'] as const, ['failed'] as const]),
          before: at - 100,
          max: 1000,
        },
        { what: 'ledger' as const, before: at - 10_000_000, max: 1000 },
        { what: 'rollups' as const, before: at - 10_000_000, max: 1000 },
      ])
      name = `purge ${JSON.stringify(command)}`
      run = (s) => s.purge(command)
    } else {
      const ids = Array.from({ length: 40 }, (_, i) => i + 1)
      name = 'look'
      run = async (s) => ({
        rows: await s.get(ids),
        positions: await s.positions({ queueIds: ids, at }),
        accounts: await s.accounts(users),
        ledgers: await Promise.all(
          users.map((userId) => s.ledger({ userId, queueId: null, cursor: null, limit: 1000 })),
        ),
        filtered: await s.ledger({ userId: 'ann', queueId: 3, cursor: null, limit: 100 }),
        limits: await s.limits(),
        stats: sortRows((await s.stats({ modelIds: null, at })).map(({ nextQueuedAt: _o, ...rest }) => rest)),
        rollups: sortRows(await s.rollups({ modelIds: null, fromHour: 0 })),
        lease: await s.due({ what: 'lease', max: 100, at }),
        deadline: await s.due({ what: 'deadline', max: 100, at }),
        list: await s.list({
          statuses: null,
          modelId: null,
          userId: null,
          text: null,
          cursor: null,
          limit: 100,
        }),
        page: await s.list({
          statuses: ['queued', 'failed'],
          modelId: null,
          userId: null,
          text: null,
          cursor: 20,
          limit: 3,
        }),
        mine: await s.list({
          statuses: ['queued'],
          modelId: null,
          userId: 'bob',
          text: null,
          cursor: null,
          limit: 3,
        }),
        mineAll: await s.list({
          statuses: null,
          modelId: null,
          userId: 'bob',
          text: null,
          cursor: 25,
          limit: 4,
        }),
        text: await s.list({
          statuses: null,
          modelId: 'm1',
          userId: null,
          text: 'PRÖ',
          cursor: null,
          limit: 3,
        }),
        audit: await s.audit({ modelCursor: '', userCursor: '', limit: 100 }),
        audit2: await s.audit({ modelCursor: 'm1', userCursor: null, limit: 1 }),
      })
    }
    if (process.env.TRACE)
      console.log(
        step,
        JSON.stringify(await a.stats({ modelIds: ['m1'], at })),
        JSON.stringify(await b.stats({ modelIds: ['m1'], at })),
        name.slice(0, 3000),
      )
    const expected = await run(a)
    const got = await run(b)
    try {
      expect(got).toEqual(expected)
    } catch (error) {
      console.log('seed', seed, 'step', step, name)
      console.log(
        JSON.stringify(await a.stats({ modelIds: null, at })),
        '\n',
        JSON.stringify(await b.stats({ modelIds: null, at })),
      )
      throw error
    }
  }
}

it('agrees with memory', async () => {
  const seed0 = Number(process.env.SEED ?? 1)
  const rounds = Number(process.env.ROUNDS ?? 30)
  for (let seed = seed0; seed < seed0 + rounds; seed++) {
    const b = redisStorage({ url: 'redis://127.0.0.1:6379', prefix: `fuzz${Math.random()}` })
    await b.open()
    await round(seed, 150, b)
    await b.close()
  }
}, 120_000)
