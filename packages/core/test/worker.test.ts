import { createQueue, GenqueueError } from '@genqueue/core'
import { memoryStorage } from '@genqueue/memory'
import { afterEach, describe, expect, it } from 'vitest'
import { ask, openQueue, silent, until } from './support/queue.js'

const url = (queueId: number) => `https://img.example/${queueId}.png`
const wait = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))
const FAST_RETRY = { retry: { baseMs: 1, maxMs: 2 } }

describe('a worker', () => {
  const open: { close(): Promise<void> }[] = []
  afterEach(async () => {
    await Promise.all(open.splice(0).map((queue) => queue.close()))
  })
  const opened = async (options = {}) => {
    const queue = await openQueue(options)
    open.push(queue)
    return queue
  }

  it('never runs more of a model than its limit, and all of it in the end', async () => {
    const queue = await opened()
    const running = new Map<string, number>()
    let most = 0
    const handler = async ({ modelId, queueId }: { modelId: string; queueId: number }) => {
      running.set(modelId, (running.get(modelId) ?? 0) + 1)
      most = Math.max(most, running.get(modelId) as number)
      await wait(5)
      running.set(modelId, (running.get(modelId) as number) - 1)
      return url(queueId)
    }
    for (let i = 0; i < 3; i++) queue.worker(handler, { models: ['m'] }).start()
    await queue.enqueueMany(Array.from({ length: 30 }, () => ask()))
    await until(async () => (await queue.stats()).completed === 30)
    expect(most).toBe(2)
    expect(await queue.tickets.account('ada')).toMatchObject({ balance: 70, reserved: 0 })
  })

  it('tries again what failed, and fails it for good when no attempt is left', async () => {
    const queue = await opened(FAST_RETRY)
    const attempts: number[] = []
    const worker = queue.worker(
      async (_generation, { attempt }) => {
        attempts.push(attempt)
        throw new Error(`attempt ${attempt} broke`)
      },
      { pollMs: 5 },
    )
    const { queueId } = await queue.enqueue(ask())
    worker.start()
    await until(async () => (await queue.status(queueId)).status === 'failed')
    expect(attempts).toEqual([1, 2, 3])
    expect((await queue.status(queueId)).errorMessage).toBe('attempt 3 broke')
    expect(await queue.tickets.account('ada')).toMatchObject({ balance: 100, reserved: 0 })
  })

  it.each([
    ['retryable: false ends it', { retryable: false }, 1],
    ['retryAfterMs sets the time', { retryAfterMs: 1 }, 3],
  ])('%s', async (_name, hints, expected) => {
    const queue = await opened({ retry: { baseMs: 3_600_000, maxMs: 3_600_000 } })
    let runs = 0
    const worker = queue.worker(
      async () => {
        runs += 1
        throw Object.assign(new Error('no'), hints)
      },
      { pollMs: 5 },
    )
    const { queueId } = await queue.enqueue(ask())
    worker.start()
    await until(async () => (await queue.status(queueId)).status === 'failed')
    expect(runs).toBe(expected)
  })

  it('reports a listener of finished that throws, and carries on', async () => {
    const queue = await opened()
    const errors: string[] = []
    queue.on('error', (error) => errors.push(error.message))
    const worker = queue.worker(({ queueId }) => url(queueId))
    worker.on('finished', () => {
      throw new Error('not my day')
    })
    await queue.enqueueMany(Array.from({ length: 4 }, () => ask()))
    worker.start()
    await until(async () => (await queue.stats()).completed === 4)
    await until(() => errors.length === 4)
    expect(errors[0]).toContain('not my day')
  })

  it('aborts the handler of a cancelled generation and drops its result', async () => {
    const queue = await opened()
    let aborted: unknown
    const worker = queue.worker(async ({ queueId }, { signal }) => {
      await new Promise((resolve) => signal.addEventListener('abort', resolve))
      aborted = signal.reason
      return url(queueId)
    })
    worker.start()
    const { queueId } = await queue.enqueue(ask())
    await until(() => worker.running === 1)
    await queue.cancel(queueId)
    await until(() => worker.running === 0)
    expect(aborted).toBeInstanceOf(GenqueueError)
    expect(await queue.status(queueId)).toMatchObject({ status: 'cancelled', resultUrl: null })
  })

  it('hears at its next heartbeat that another process cancelled', async () => {
    const storage = memoryStorage()
    const queue = await opened({ storage })
    const other = await opened({ storage })
    let reason: unknown
    queue
      .worker(
        async ({ queueId }, { signal }) => {
          await new Promise((resolve) => signal.addEventListener('abort', resolve))
          reason = signal.reason
          return url(queueId)
        },
        { leaseMs: 1_000 },
      )
      .start()
    const { queueId } = await queue.enqueue(ask())
    await until(async () => (await queue.status(queueId)).status === 'processing')
    await other.cancel(queueId)
    await until(() => reason !== undefined, 2_000)
    expect(reason).toMatchObject({ code: 'INVALID_TRANSITION' })
  })

  it('keeps its leases alive, and others take back what a dead one leaves', async () => {
    const storage = memoryStorage()
    const queue = await opened({ storage, leaseMs: 1_000 })
    // A process that dies: it claimed and is never heard of again.
    const { queueId: orphan } = await queue.enqueue(ask({ modelId: 'one' }))
    await queue.claim({ models: ['one'], leaseMs: 1_000 })
    const { queueId } = await queue.enqueue(ask({ modelId: 'm' }))
    const attempts = new Map<number, number>()
    queue
      .worker(async (generation, { attempt }) => {
        attempts.set(generation.queueId, attempt)
        await wait(generation.queueId === queueId ? 2_500 : 1)
        return url(generation.queueId)
      })
      .start()
    await until(async () => (await queue.status(orphan)).status === 'completed', 4_000)
    await until(async () => (await queue.status(queueId)).status === 'completed', 4_000)
    expect(Object.fromEntries(attempts)).toEqual({ [orphan]: 2, [queueId]: 1 })
    expect((await queue.verify()).ok).toBe(true)
  })

  it('shows progress', async () => {
    const queue = await opened()
    const seen: number[] = []
    queue.on('progress', ({ progress }) => seen.push(progress))
    queue
      .worker(async ({ queueId }, { progress }) => {
        progress(0.25)
        await wait(700)
        return url(queueId)
      })
      .start()
    const { queueId } = await queue.enqueue(ask())
    await until(async () => (await queue.status(queueId)).progress === 0.25)
    expect(seen).toEqual([0.25])
  })

  it('closes: no new claims, time for handlers, the rest goes back without costing an attempt', async () => {
    const queue = await opened()
    const signals: AbortSignal[] = []
    const worker = queue.worker(async ({ queueId }, { signal }) => {
      signals.push(signal)
      await wait(signals.length === 1 ? 50 : 3_000)
      return url(queueId)
    })
    const ids = (await queue.enqueueMany([ask(), ask(), ask()])).map((result) =>
      result.ok ? result.queueId : 0,
    )
    worker.start()
    await until(() => worker.running === 2)
    await worker.close({ timeoutMs: 200 })
    const states = await Promise.all(ids.map((id) => queue.get(id)))
    expect(states.map((g) => [g?.status, g?.attempt])).toEqual([
      ['completed', 1],
      ['queued', 0],
      ['queued', 0],
    ])
    expect(signals.map((signal) => signal.aborted)).toEqual([false, true])
    expect(() => worker.start()).toThrow(/closed/)
  })

  it('fails what a handler returns wrongly, and captures no more than was reserved', async () => {
    const queue = await opened({ retry: { maxAttempts: 1 } })
    const results: unknown[] = [undefined, { ticketsUsed: 99, resultUrl: url(0) }]
    queue.worker(async () => results.shift() as string).start()
    const [bad, dear] = await queue.enqueueMany([ask({ modelId: 'one' }), ask({ modelId: 'one' })])
    await until(async () => (await queue.stats()).completed === 1)
    expect(bad?.ok && (await queue.status(bad.queueId)).status).toBe('failed')
    expect(dear?.ok && (await queue.get(dear.queueId))?.ticketsUsed).toBe(1)
    expect(await queue.tickets.account('ada')).toMatchObject({ balance: 99, reserved: 0 })
  })
})

describe('drain', () => {
  it('runs what may run, and gives back what is unfinished at its deadline', async () => {
    const queue = await openQueue()
    await queue.enqueueMany(Array.from({ length: 5 }, (_, i) => ask({ metadata: { slow: i === 4 } })))
    const report = await queue.drain(
      async ({ queueId, metadata }) => {
        if ((metadata as { slow: boolean }).slow) await wait(2_000)
        return url(queueId)
      },
      { deadlineMs: 300 },
    )
    expect(report).toMatchObject({ started: 5, completed: 4, yielded: 1, failed: 0 })
    expect(report.tookMs).toBeLessThan(1_500)
    expect(await queue.stats()).toMatchObject({ queued: 1, completed: 4 })
  })

  it('runs at most max', async () => {
    const queue = await openQueue()
    await queue.enqueueMany(Array.from({ length: 5 }, () => ask()))
    expect(await queue.drain(async ({ queueId }) => url(queueId), { max: 3 })).toMatchObject({
      started: 3,
      completed: 3,
    })
  })
})

describe('run', () => {
  it('runs here when a slot is free, waits otherwise, and fails finally', async () => {
    const queue = createQueue({ storage: memoryStorage(), models: { m: 1 }, tickets: false, logger: silent })
    const outcome = await queue.run(ask(), async ({ queueId }) => url(queueId))
    expect(outcome).toMatchObject({ status: 'completed', resultUrl: url(outcome.queueId) })
    const held = await queue.submit(ask())
    expect(await queue.run(ask(), async () => 'never')).toMatchObject({ status: 'queued', position: 1 })
    await queue.complete(held.queueId, url(1))
    await queue.drain(async ({ queueId }) => url(queueId))
    const failed = await queue.run(ask(), async () => {
      throw new Error('no paint')
    })
    expect(failed).toMatchObject({
      status: 'failed',
      error: expect.objectContaining({ message: 'no paint' }),
    })
    expect(await queue.status(failed.queueId)).toMatchObject({ status: 'failed', errorMessage: 'no paint' })
  })
})
