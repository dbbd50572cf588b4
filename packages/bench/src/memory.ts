import { createQueue, type Queue } from '@genqueue/core'
import { memoryStorage } from '@genqueue/memory'
import fastq from 'fastq'
import PQueue from 'p-queue'
import { type Contender, compare, median, printMachine, printTable, quantileOf, timed } from './harness.js'
import { versionOf } from './versions.js'
import { CONCURRENCY, MODEL, RESULT } from './work.js'

const WHOLE = { rounds: 5, jobs: 50_000, depths: [1_000, 10_000, 100_000, 1_000_000], probes: 2_000 }
const QUICK = { rounds: 1, jobs: 5_000, depths: [1_000, 10_000], probes: 200 }
const QUEUED_MAX = 2_000_000

const request = { userId: 'ada', modelId: MODEL, prompt: 'a lighthouse in the fog' }

async function openQueue(storage = memoryStorage()): Promise<Queue> {
  const queue = createQueue({
    storage,
    models: { [MODEL]: CONCURRENCY },
    maxQueued: QUEUED_MAX,
  })
  await queue.tickets.grant('ada', QUEUED_MAX)
  return queue
}

const lives = (name: string, jobs: number, live: () => Promise<number>): Contender => ({
  name,
  measure: async () => ({ 'whole lives/s': (jobs / (await live())) * 1_000 }),
})

/** Whole lives: one enqueue call each with a reservation, a worker that claims, a no-op handler, a capture. */
async function genqueue(jobs: number): Promise<number> {
  const queue = await openQueue()
  const total = await timed(async () => {
    let done = 0
    await new Promise<void>((resolve) => {
      queue.on('completed', () => {
        done += 1
        if (done === jobs) resolve()
      })
      queue.worker(() => RESULT, { concurrency: CONCURRENCY }).start()
      for (let i = 0; i < jobs; i++) void queue.enqueue(request)
    })
  })
  await queue.close()
  return total
}

function pQueue(jobs: number): Promise<number> {
  const queue = new PQueue({ concurrency: CONCURRENCY })
  return timed(async () => {
    for (let i = 0; i < jobs; i++) void queue.add(async () => RESULT)
    await queue.onIdle()
  })
}

function fastQueue(jobs: number): Promise<number> {
  // Called back at once it would never have anything to queue.
  const handle = (_: typeof request, done: fastq.done<string>) => queueMicrotask(() => done(null, RESULT))
  const queue = fastq<unknown, typeof request, string>(handle, CONCURRENCY)
  return timed(
    () =>
      new Promise<void>((resolve) => {
        let done = 0
        const count = () => {
          done += 1
          if (done === jobs) resolve()
        }
        for (let i = 0; i < jobs; i++) queue.push(request, count)
      }),
  )
}

export async function run(quick: boolean): Promise<void> {
  const { rounds, jobs, depths, probes } = quick ? QUICK : WHOLE
  printMachine()
  console.log(
    `${jobs.toLocaleString('en-US')} jobs, ${CONCURRENCY} at a time, no-op handler, median of ${rounds} rounds in turn`,
  )
  const contenders = [
    lives('genqueue, memory', jobs, () => genqueue(jobs)),
    lives(`p-queue ${versionOf('p-queue')} (no state, no tickets)`, jobs, () => pQueue(jobs)),
    lives(`fastq ${versionOf('fastq')} (no state, no tickets, callbacks)`, jobs, () => fastQueue(jobs)),
  ]
  printTable(await compare(contenders, rounds))
  await deepBacklog(depths, probes)
}

/** Up to a million queued generations of one model: what position and claim cost there, and what one takes of memory. */
async function deepBacklog(depths: readonly number[], probes: number): Promise<void> {
  const storage = memoryStorage()
  const queue = await openQueue(storage)
  const rows = []
  for (const depth of depths) {
    const before = await heapBytes()
    const already = (await queue.stats()).queued
    await fill(queue, depth - already)
    const bytes = ((await heapBytes()) - before) / (depth - already)
    const positions = await probe(probes, async (i) => {
      await storage.positions({ queueIds: [1 + Math.floor((i / probes) * depth)] })
    })
    const claims = await probe(probes, async () => {
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

async function probe(probes: number, task: (index: number) => Promise<void>): Promise<number[]> {
  const times: number[] = []
  for (let i = 0; i < probes; i++) times.push(await timed(() => task(i)))
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
