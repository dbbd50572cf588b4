import { CLAIM, createQueue, GenqueueError, MOVES, type Storage } from '@genqueue/core'
import {
  admitCommand,
  admitItem,
  applyCommand,
  applyItem,
  limitCommand,
  limitItem,
  postCommand,
} from '@genqueue/core/testing'
import { redisStorage } from '@genqueue/redis'
import { Redis } from 'ioredis'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { type LossyProxy, startProxy } from '../../core/test/support/proxy.js'
import { randomPrefix } from './support/namespace.js'
import { canStartServers, type OwnServer, startServer } from './support/server.js'

const AT = 1_700_000_000_000
const wait = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))

describe('options', () => {
  it.each([
    ['nothing', {}],
    ['a client of another kind', { client: {} }],
    ['a client and a url', { client: new Redis({ lazyConnect: true }), url: 'redis://localhost' }],
    ['another protocol', { url: 'http://localhost:6379' }],
    ['a prefix with braces', { url: 'redis://localhost', prefix: '{a}' }],
    ['an empty prefix', { url: 'redis://localhost', prefix: '' }],
    ['a timeout of nothing', { url: 'redis://localhost', timeoutMs: 0 }],
  ])('refuse %s', (_what, options) => {
    expect(() => redisStorage(options as never)).toThrowError(GenqueueError)
  })
})

describe.skipIf(!canStartServers)('a connection that fails', () => {
  let server: OwnServer
  let proxy: LossyProxy
  const opened: Storage[] = []
  beforeAll(async () => {
    server = await startServer(['--appendonly', 'yes', '--appendfsync', 'always'])
    proxy = await startProxy(server.port)
  })
  afterEach(async () => {
    await Promise.all(opened.splice(0).map((storage) => storage.close()))
  })
  afterAll(async () => {
    await proxy.close()
    await server.destroy()
  })

  const open = async (port: number, timeoutMs = 3_000, prefix = randomPrefix()) => {
    const storage = redisStorage({ url: `redis://127.0.0.1:${port}`, prefix, timeoutMs })
    opened.push(storage)
    await storage.open()
    await storage.limit(limitCommand([limitItem('m', { maxConcurrent: 4 })], AT))
    await storage.post(postCommand('ada', 100, AT))
    return storage
  }
  /** The command reaches the server, its reply is lost with the connection, and the storage sends it again. */
  const losingTheReply = async <Result>(command: () => Promise<Result>): Promise<Result> => {
    proxy.swallowReplies()
    const answer = command()
    await wait(100)
    proxy.cut()
    return answer
  }

  it('has an admission whose reply was lost admitted once', async () => {
    const storage = await open(proxy.port)
    const [result] = await losingTheReply(() =>
      storage.admit(admitCommand([admitItem({ ticketCost: 3 })], AT)),
    )
    expect(result).toMatchObject({ ok: true, queueId: 1, status: 'queued' })
    expect(await storage.accounts(['ada'])).toMatchObject([{ balance: 100, reserved: 3 }])
  })

  it('has a claim whose reply was lost answer the same generations, and a settle win once', async () => {
    const storage = await open(proxy.port)
    const items = ['a', 'b', 'c', 'd'].map((idempotencyKey) => admitItem({ idempotencyKey, ticketCost: 2 }))
    await storage.admit(admitCommand(items, AT))
    const claim = { modelIds: null, tokens: ['t1', 't2'], claim: CLAIM, leaseMs: 12_000, at: AT }
    // The server has to know the scripts, or it is their first sending that is lost, which changes nothing.
    await storage.claim({ ...claim, modelIds: ['none'] })
    await storage.apply(applyCommand([applyItem(99, 'complete')], AT))
    const rows = await losingTheReply(() => storage.claim(claim))
    expect(rows.map((row) => [row.queueId, row.leaseToken])).toEqual([
      [1, 't1'],
      [2, 't2'],
    ])
    expect(await storage.limits()).toMatchObject([{ active: 2 }])
    const settle = applyCommand([applyItem(1, 'complete', { token: 't1' })], AT)
    expect(await losingTheReply(() => storage.apply(settle))).toMatchObject([{ ok: true, repeated: true }])
    expect(await storage.accounts(['ada'])).toMatchObject([{ balance: 98, reserved: 6, captured: 2 }])
  })

  it('fails in a bounded time while the server is away, and goes on when it is back', async () => {
    const storage = await open(server.port, 300)
    await storage.admit(admitCommand([admitItem()], AT))
    await server.stop()
    const queue = createQueue({ storage, models: { m: 4 }, logger: { warn() {}, error() {} } })
    const startedAt = Date.now()
    await expect(queue.enqueue({ userId: 'ada', modelId: 'm', prompt: 'p' })).rejects.toMatchObject({
      code: 'STORAGE_UNAVAILABLE',
    })
    expect(Date.now() - startedAt).toBeLessThan(3_000)
    await server.start()
    await expect.poll(() => storage.now().catch(() => 0), { timeout: 5_000 }).toBeGreaterThan(0)
    expect(await storage.get([1])).toMatchObject([{ queueId: 1, status: 'queued' }])
    await queue.enqueue({ userId: 'ada', modelId: 'm', prompt: 'p' })
    await queue.close()
  })

  it('hears again what others do once the connection is back', async () => {
    const storage = await open(proxy.port)
    const heard: (readonly string[])[] = []
    const stop = await storage.listen?.((modelIds) => heard.push(modelIds))
    proxy.cut()
    await expect.poll(() => heard, { timeout: 5_000 }).toContainEqual([])
    await expect.poll(() => storage.now().catch(() => 0), { timeout: 5_000 }).toBeGreaterThan(0)
    await storage.admit(admitCommand([admitItem()], AT))
    await expect.poll(() => heard, { timeout: 5_000 }).toContainEqual(['m'])
    await stop?.()
  })

  it('says nothing of prompts in its errors', async () => {
    const storage = await open(server.port)
    const client = new Redis(server.url)
    await client.config('SET', 'maxmemory', '1')
    const item = admitItem({ prompt: 'a secret lighthouse' })
    const error: unknown = await storage.admit(admitCommand([item], AT)).catch((thrown: unknown) => thrown)
    await client.config('SET', 'maxmemory', '0')
    client.disconnect()
    expect(String(error)).toContain('maxmemory')
    expect(JSON.stringify(error, Object.getOwnPropertyNames(error as object))).not.toContain('lighthouse')
    expect(await storage.get([1])).toEqual([null])
    expect(await storage.accounts(['ada'])).toMatchObject([{ reserved: 0 }])
  })

  it('tells of a server that may drop keys, and refuses a replica', async () => {
    const client = new Redis(server.url)
    await client.config('SET', 'maxmemory-policy', 'allkeys-lru')
    const warnings: string[] = []
    const evicting = redisStorage({
      client,
      prefix: randomPrefix(),
      warn: (message) => warnings.push(message),
    })
    await evicting.open()
    await client.config('SET', 'maxmemory-policy', 'noeviction')
    expect(warnings.join()).toContain('allkeys-lru')
    const replica = await startServer(['--replicaof', '127.0.0.1', String(server.port)])
    const there = redisStorage({ url: replica.url, prefix: randomPrefix() })
    await expect(there.open()).rejects.toThrowError(/replica/)
    await there.close()
    client.disconnect()
    await replica.destroy()
  })

  it('mends sets that were edited by hand', async () => {
    const prefix = randomPrefix()
    const storage = await open(server.port, 3_000, prefix)
    const client = new Redis(server.url)
    const items = Array.from({ length: 6 }, (_, i) => admitItem({ idempotencyKey: `k${i}` }))
    await storage.admit(admitCommand(items, AT))
    await storage.claim({ modelIds: null, tokens: ['t1', 't2'], claim: CLAIM, leaseMs: 12_000, at: AT })
    await storage.apply({
      ...applyCommand([], AT),
      items: [{ ...applyItem(1, 'complete', { token: 't1' }), moves: MOVES.complete }],
    })
    const look = () => storage.audit({ modelCursor: '', userCursor: '', limit: 10 })
    const healthy = await look()
    const base = `{${prefix}}:`
    await client.del(`${base}w:m`)
    await client.zadd(`${base}a:m`, 1, '00000000000099')
    expect((await look()).models).not.toEqual(healthy.models)
    await storage.mend({ modelIds: ['m'], userIds: ['ada'], at: AT })
    expect(await look()).toEqual(healthy)
    expect(await storage.positions({ queueIds: [3, 4, 5, 6], at: AT })).toEqual([1, 2, 3, 4])
    client.disconnect()
  })
})
