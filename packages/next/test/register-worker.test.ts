import { createQueue } from '@genqueue/core'
import { memoryStorage } from '@genqueue/memory'
import { afterEach, expect, it, vi } from 'vitest'
import { drainAfter, registerWorker } from '../src/index.js'

const openQueue = () => createQueue({ storage: memoryStorage(), models: { m: 2 }, tickets: false })
const request = { userId: 'ada', modelId: 'm', prompt: 'x' }

afterEach(() => vi.unstubAllEnvs())

it('registerWorker starts one worker, and a later handler takes its place', async () => {
  const queue = openQueue()
  const first = registerWorker(queue, async () => 'https://img.example/old.png')
  const second = registerWorker(queue, async () => 'https://img.example/new.png')
  expect(second).toBe(first)
  const done = new Promise((resolve) => queue.once('completed', ({ resultUrl }) => resolve(resultUrl)))
  await queue.enqueue(request)
  expect(await done).toBe('https://img.example/new.png')
  await queue.close()
})

it('registerWorker can begin anew after its worker closed, and leaves no listener behind', async () => {
  const before = process.listenerCount('SIGTERM')
  const queue = openQueue()
  const first = registerWorker(queue, async () => 'https://img.example/x.png')
  await first?.close()
  const second = registerWorker(queue, async () => 'https://img.example/x.png')
  expect(second).not.toBe(first)
  await queue.close()
  expect(process.listenerCount('SIGTERM')).toBe(before)
})

it.each([
  ['NEXT_PHASE', 'phase-production-build'],
  ['NEXT_RUNTIME', 'edge'],
])('registerWorker starts none with %s=%s', async (name, value) => {
  vi.stubEnv(name, value)
  expect(registerWorker(openQueue(), async () => 'https://img.example/x.png')).toBeNull()
})

it('drainAfter runs what is queued once the response has gone', async () => {
  const queue = openQueue()
  const { queueId } = await queue.enqueue(request)
  const tasks: (() => Promise<unknown>)[] = []
  drainAfter(
    (task) => tasks.push(task),
    queue,
    async () => 'https://img.example/x.png',
  )
  expect((await queue.status(queueId)).status).toBe('queued')
  for (const task of tasks) await task()
  expect((await queue.status(queueId)).status).toBe('completed')
  await queue.close()
})
