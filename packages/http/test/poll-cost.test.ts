import { createQueue } from '@genqueue/core'
import { createQueueHandler } from '@genqueue/http'
import { memoryStorage } from '@genqueue/memory'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type Count, countedStorage } from '../scripts/counted-storage.js'
import { ask } from './support.js'

const STATS_FRESH_MS = 250

describe('what a status poll asks of the storage', () => {
  const count: Count = { commands: new Map(), reads: 0 }
  const startCounting = () => {
    count.commands.clear()
    count.reads = 0
  }
  const storage = memoryStorage()
  const queue = createQueue({
    storage: countedStorage(storage, count),
    models: { m: 1 },
    // So long that no second attempt becomes due in here.
    retry: { baseMs: 3_600_000, maxMs: 3_600_000 },
  })
  const handler = createQueueHandler(queue, { identify: () => ({ userId: 'ada' }) })
  const poll = async (queueId: number) => {
    const response = await handler(new Request(`http://localhost/api/queue/status/${queueId}`))
    return (await response.json()) as { status: string; position: number | null }
  }
  /** The calls of one poll; the model's statistics, which all polls of a quarter of a second share, are beside it. */
  const costOf = async (queueId: number) => {
    startCounting()
    await poll(queueId)
    const named = [...count.commands].flatMap(([name, times]) => Array.from({ length: times }, () => name))
    return named.filter((name) => name !== 'stats')
  }

  beforeEach(async () => {
    await queue.tickets.grant('ada', 1_000)
  })
  afterEach(async () => {
    for (const status of ['queued', 'processing'] as const)
      for (const { queueId } of (await queue.list({ status })).generations) await queue.cancel(queueId)
  })

  it('one that waits: row and position at the first look, the position alone from then on', async () => {
    await queue.submit(ask())
    const { queueId } = await queue.enqueue(ask())
    expect(await costOf(queueId)).toEqual(['get', 'positions'])
    for (let i = 0; i < 3; i++) expect(await costOf(queueId)).toEqual(['positions'])
    expect(await poll(queueId)).toMatchObject({ status: 'queued', position: 1 })
  })

  it('one that runs, one that is done and one that is to be retried: the row', async () => {
    const { queueId } = await queue.enqueue(ask({ maxAttempts: 2 }))
    const lease = await queue.start(queueId)
    expect(await costOf(queueId)).toEqual(['get'])
    await queue.fail(queueId, 'the provider was busy', { lease, retry: true })
    expect(await costOf(queueId)).toEqual(['get'])
    expect(await poll(queueId)).toMatchObject({ status: 'queued', position: null })
    await queue.cancel(queueId)
    expect(await costOf(queueId)).toEqual(['get'])
  })

  it('tells at once when one that waited has started, is done, is gone, or waits again', async () => {
    const { queueId } = await queue.enqueue(ask())
    expect(await poll(queueId)).toMatchObject({ status: 'queued', position: 1 })
    const lease = await queue.start(queueId)
    expect(await poll(queueId)).toMatchObject({ status: 'processing', position: null })
    await queue.fail(queueId, 'no', { lease, retry: false })
    expect(await poll(queueId)).toMatchObject({ status: 'failed' })
    await queue.retry(queueId)
    expect(await poll(queueId)).toMatchObject({ status: 'queued', position: 1 })
    await queue.cancel(queueId)
    await queue.clear()
    expect(await poll(queueId)).toMatchObject({ error: { code: 'GENERATION_NOT_FOUND' } })
  })

  it('a hundred at the same moment share their reads', async () => {
    const ids = await Promise.all(
      Array.from({ length: 100 }, async () => (await queue.enqueue(ask())).queueId),
    )
    startCounting()
    const answers = await Promise.all(ids.map(poll))
    expect(answers.map(({ position }) => position)).toEqual(ids.map((_, index) => index + 1))
    const commands = [...count.commands.values()].reduce((sum, times) => sum + times, 0)
    expect(commands).toBeLessThan(10)
  })

  it('statistics are read once in a quarter of a second, however many ask', async () => {
    const { queueId } = await queue.enqueue(ask())
    await poll(queueId)
    await new Promise((resolve) => setTimeout(resolve, STATS_FRESH_MS + 50))
    startCounting()
    await Promise.all(Array.from({ length: 50 }, () => poll(queueId)))
    expect(count.commands.get('stats')).toBe(1)
  })
})
