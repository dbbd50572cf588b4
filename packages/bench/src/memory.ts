import { createQueue, type Queue } from '@genqueue/core'
import { memoryStorage } from '@genqueue/memory'
import PQueue from 'p-queue'
import { type Contender, compare, median, printMachine, printTable, quantileOf, timed } from './harness.js'

const JOBS = 50_000
const ROUNDS = 5
const CONCURRENCY = 50
const DEEP = 1_000_000
const PROBES = 2_000

const request = { userId: 'ada', modelId: 'm', prompt: 'a lighthouse in the fog' }

async function openQueue(): Promise<Queue> {
  const queue = createQueue({
    storage: memoryStorage(),
    models: { m: CONCURRENCY },
    maxQueued: 2 * DEEP,
  })
  await queue.tickets.grant('ada', 2 * DEEP)
  return queue
}

/** Whole lives: one enqueue call each with a reservation, a worker that claims, a no-op handler, a capture. */
const genqueue: Contender = {
  name: 'genqueue, memory',
  async measure(jobs) {
    const queue = await openQueue()
    const total = await timed(async () => {
      let done = 0
      await new Promise<void>((resolve) => {
        queue.on('completed', () => {
          done += 1
          if (done === jobs) resolve()
        })
        queue.worker(() => 'https://img.example/1.png', { concurrency: CONCURRENCY }).start()
        for (let i = 0; i < jobs; i++) void queue.enqueue(request)
      })
    })
    await queue.close()
    return { 'whole lives/s': total }
  },
}

const pQueue: Contender = {
  name: 'p-queue 9 (no state, no tickets)',
  async measure(jobs) {
    const queue = new PQueue({ concurrency: CONCURRENCY })
    const total = await timed(async () => {
      for (let i = 0; i < jobs; i++) void queue.add(async () => 'https://img.example/1.png')
      await queue.onIdle()
    })
    return { 'whole lives/s': total }
  },
}

export async function run(): Promise<void> {
  printMachine()
  console.log(
    `${JOBS.toLocaleString('en-US')} jobs, ${CONCURRENCY} at a time, no-op handler, median of ${ROUNDS} rounds in turn`,
  )
  printTable(await compare([genqueue, pQueue], JOBS, ROUNDS))
  await deepBacklog()
}

/** A million queued generations of one model: what position and claim cost there, and what one takes of memory. */
async function deepBacklog(): Promise<void> {
  const storage = memoryStorage()
  const queue = createQueue({ storage, models: { m: CONCURRENCY }, maxQueued: 2 * DEEP })
  await queue.tickets.grant('ada', 2 * DEEP)
  const rows = []
  for (const depth of [1_000, 10_000, 100_000, DEEP]) {
    const before = await heapBytes()
    const already = (await queue.stats()).queued
    await fill(queue, depth - already)
    const bytes = ((await heapBytes()) - before) / (depth - already)
    const positions = await probe(async (i) => {
      await storage.positions({ queueIds: [1 + Math.floor((i / PROBES) * depth)] })
    })
    const claims = await probe(async () => {
      const [claimed] = await queue.claim()
      if (claimed !== undefined) await queue.cancel(claimed.queueId)
    })
    rows.push({
      queued: depth,
      'position p50 us': us(median(positions)),
      'position p99 us': us(quantileOf(positions, 0.99)),
      'claim + cancel p50 us': us(median(claims)),
      'claim + cancel p99 us': us(quantileOf(claims, 0.99)),
      'heap bytes each': Math.round(bytes),
    })
  }
  printTable(rows)
}

const us = (ms: number) => Number((ms * 1_000).toFixed(1))

async function fill(queue: Queue, count: number): Promise<void> {
  for (let left = count; left > 0; left -= 10_000) {
    await queue.enqueueMany(Array.from({ length: Math.min(left, 10_000) }, () => request))
  }
}

async function probe(task: (index: number) => Promise<void>): Promise<number[]> {
  const times: number[] = []
  for (let i = 0; i < PROBES; i++) times.push(await timed(() => task(i)))
  return times
}

async function heapBytes(): Promise<number> {
  for (let i = 0; i < 3; i++) {
    globalThis.gc?.()
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
  const { heapUsed, arrayBuffers } = process.memoryUsage()
  return heapUsed + arrayBuffers
}
