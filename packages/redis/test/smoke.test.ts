import { createQueue } from '@genqueue/core'
import { redisStorage } from '@genqueue/redis'
import { Cluster, Redis } from 'ioredis'
import { Redis as Redis5 } from 'ioredis5'
import { expect, it } from 'vitest'
import { SCRIPTS } from '../src/scripts.js'

it('compiles', async () => {
  const client = new Redis()
  for (const script of Object.values(SCRIPTS)) {
    const sha = await client.script('LOAD', script.source)
    expect(sha).toBe(script.sha1)
  }
  client.disconnect()
})
it('types', () => {
  const a = () => redisStorage({ client: new Cluster([]) })
  const b = () => redisStorage({ client: new Redis5() })
  expect([a, b].length).toBe(2)
})
it('works', async () => {
  const queue = createQueue({
    storage: redisStorage({ url: 'redis://127.0.0.1:6379', prefix: `t${Math.random()}` }),
    models: { m: 2 },
  })
  await queue.tickets.grant('u', 10)
  const a = await queue.enqueue({
    userId: 'u',
    modelId: 'm',
    prompt: 'héllo',
    priority: 3,
    metadata: { a: 1 },
  })
  const b = await queue.enqueue({ userId: 'u', modelId: 'm', prompt: 'x' })
  console.log(a, b, await queue.get(1))
  const c = await queue.claim({ max: 5 })
  console.log(c)
  console.log(await queue.complete(1, 'http://x', { lease: c[0]!.lease }))
  console.log(
    await queue.stats(),
    await queue.list({ userId: 'u' }),
    await queue.tickets.account('u'),
    await queue.tickets.history('u'),
  )
  console.log(await queue.verify())
  const seen: string[] = []
  const worker = queue
    .worker(async (g) => {
      seen.push(g.prompt)
      return 'u'
    })
    .start()
  await Promise.all(
    Array.from({ length: 5 }, (_, i) => queue.enqueue({ userId: 'u', modelId: 'm', prompt: `p${i}` })),
  )
  await new Promise((r) => setTimeout(r, 300))
  console.log(seen, await queue.verify())
  await queue.close()
})
