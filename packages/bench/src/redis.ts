import { createQueue, type Queue } from '@genqueue/core'
import { redisStorage } from '@genqueue/redis'
import { Queue as BullQueue, Worker as BullWorker } from 'bullmq'
import { Redis } from 'ioredis'
import { type Contender, compare, median, printMachine, printTable, quantileOf, timed } from './harness.js'

const JOBS = 20_000
const ROUNDS = 5
/** Calls under way while adding, and jobs while processing. */
const ADDERS = 100
const CONCURRENCY = 50
const USERS = 1_000
const TICKETS = 1_000_000
const STARTS = 500
const IDLE_MS = 5
const MEMORY_JOBS = 100_000
const DEEP = 1_000_000
const PROBES = 2_000

const url = process.env.REDIS_URL ?? 'redis://127.0.0.1:6379'
const { hostname, port } = new URL(url)
const connection = { host: hostname, port: Number(port || 6379), maxRetriesPerRequest: null }

/** The same work for everybody. */
const requestOf = (n: number) => ({
  userId: `user-${n % USERS}`,
  modelId: 'm',
  prompt: `a red fox in the snow, number ${n}`,
  parameters: { steps: 20 },
})
const RESULT = 'https://img.example/1.png'

const randomName = () => `genqueue-bench-${Math.random().toString(36).slice(2)}`

/** One call a job, ADDERS of them under way at once. */
async function addAll(jobs: number, add: (n: number) => Promise<unknown>): Promise<void> {
  let next = 0
  const adder = async () => {
    while (next < jobs) {
      next += 1
      await add(next)
    }
  }
  await Promise.all(Array.from({ length: ADDERS }, adder))
}

async function removeKeys(pattern: string): Promise<void> {
  const client = new Redis(url)
  let cursor = '0'
  do {
    const [next, keys] = await client.scan(cursor, 'MATCH', pattern, 'COUNT', 5_000)
    cursor = next
    if (keys.length > 0) await client.unlink(...keys)
  } while (cursor !== '0')
  client.disconnect()
}

async function openQueue(prefix: string): Promise<Queue> {
  const queue = createQueue({ storage: redisStorage({ url, prefix }), models: { m: CONCURRENCY } })
  await Promise.all(
    Array.from({ length: USERS }, (_, i) => queue.tickets.grant(`user-${i}`, TICKETS, { id: 'bench' })),
  )
  return queue
}

/** With tickets reserved and captured, the model's cap, priorities, history and rollups: there is no way to leave them out. */
const genqueue: Contender = {
  name: 'genqueue, tickets and cap 50',
  async measure(jobs) {
    const prefix = randomName()
    const queue = await openQueue(prefix)
    const adds = await timed(() => addAll(jobs, (n) => queue.enqueue(requestOf(n))))
    const processed = await timed(
      () =>
        new Promise<void>((resolve) => {
          let done = 0
          queue.on('completed', () => {
            done += 1
            if (done === jobs) resolve()
          })
          queue.worker(async () => RESULT, { concurrency: CONCURRENCY }).start()
        }),
    )
    await queue.close()
    await removeKeys(`{${prefix}}*`)
    return { 'adds/s': adds, 'processed/s': processed, 'whole lives/s': adds + processed }
  },
}

const bullmq = (name: string, globalConcurrency: number | null): Contender => ({
  name,
  async measure(jobs) {
    const queueName = randomName()
    const queue = new BullQueue(queueName, { connection, prefix: 'genqueue-bench' })
    await queue.waitUntilReady()
    if (globalConcurrency !== null) await queue.setGlobalConcurrency(globalConcurrency)
    const adds = await timed(() => addAll(jobs, (n) => queue.add('generate', requestOf(n))))
    const worker = new BullWorker(queueName, async () => RESULT, {
      connection,
      prefix: 'genqueue-bench',
      concurrency: CONCURRENCY,
      autorun: false,
    })
    await worker.waitUntilReady()
    const processed = await timed(
      () =>
        new Promise<void>((resolve) => {
          let done = 0
          worker.on('completed', () => {
            done += 1
            if (done === jobs) resolve()
          })
          void worker.run()
        }),
    )
    await worker.close()
    await queue.close()
    await removeKeys(`genqueue-bench:${queueName}:*`)
    return { 'adds/s': adds, 'processed/s': processed, 'whole lives/s': adds + processed }
  },
})

const ms = (value: number) => Number(value.toFixed(2))

/** From the call that adds to the handler's first line, one at a time, on an idle worker that only hears of it. */
async function startLatency(
  name: string,
  setUp: (started: (n: number) => void) => Promise<{
    add(n: number): Promise<unknown>
    close(): Promise<unknown>
  }>,
) {
  let arrived: (n: number) => void = () => {}
  const { add, close } = await setUp((n) => arrived(n))
  const times: number[] = []
  for (let n = 0; n < STARTS; n++) {
    const start = new Promise<void>((resolve) => {
      arrived = () => resolve()
    })
    let adding: Promise<unknown> | undefined
    times.push(
      await timed(() => {
        adding = add(n)
        return start
      }),
    )
    await adding
    // Until the worker is idle again: otherwise it is the settling of the one before that is measured.
    await new Promise((resolve) => setTimeout(resolve, IDLE_MS))
  }
  await close()
  return { name, 'p50 ms': ms(median(times)), 'p99 ms': ms(quantileOf(times, 0.99)) }
}

async function startLatencies(): Promise<void> {
  const prefix = randomName()
  const ours = await startLatency('genqueue', async (started) => {
    const queue = await openQueue(prefix)
    queue
      .worker(async () => {
        started(0)
        return RESULT
      })
      .start()
    return { add: (n) => queue.enqueue(requestOf(n)), close: () => queue.close() }
  })
  await removeKeys(`{${prefix}}*`)
  const queueName = randomName()
  const theirs = await startLatency('BullMQ 6.7', async (started) => {
    const queue = new BullQueue(queueName, { connection, prefix: 'genqueue-bench' })
    const worker = new BullWorker(queueName, async () => started(0), { connection, prefix: 'genqueue-bench' })
    await worker.waitUntilReady()
    const close = async () => {
      await worker.close()
      await queue.close()
    }
    return { add: (n) => queue.add('generate', requestOf(n)), close }
  })
  await removeKeys(`genqueue-bench:${queueName}:*`)
  console.log(`enqueue to start, ${STARTS} one after the other`)
  printTable([ours, theirs])
}

async function usedMemory(client: Redis): Promise<number> {
  return Number(/^used_memory:(\d+)/m.exec(await client.info('memory'))?.[1])
}

/** What a waiting job takes of the server's memory, its payload included; the same payload for both. */
async function memoryEach(): Promise<void> {
  const client = new Redis(url)
  const prefix = randomName()
  const queue = await openQueue(prefix)
  const before = await usedMemory(client)
  await addAll(MEMORY_JOBS, (n) => queue.enqueue(requestOf(n)))
  const ours = ((await usedMemory(client)) - before) / MEMORY_JOBS
  await queue.close()
  await removeKeys(`{${prefix}}*`)
  const queueName = randomName()
  const bull = new BullQueue(queueName, { connection, prefix: 'genqueue-bench' })
  await bull.waitUntilReady()
  const empty = await usedMemory(client)
  await addAll(MEMORY_JOBS, (n) => bull.add('generate', requestOf(n)))
  const theirs = ((await usedMemory(client)) - empty) / MEMORY_JOBS
  await bull.close()
  await removeKeys(`genqueue-bench:${queueName}:*`)
  client.disconnect()
  console.log(`memory of the server per waiting job, ${MEMORY_JOBS.toLocaleString('en-US')} of them`)
  printTable([
    { name: 'genqueue', 'bytes each': Math.round(ours) },
    { name: 'BullMQ 6.7', 'bytes each': Math.round(theirs) },
  ])
}

/** Where one stands among a million. */
async function deepBacklog(): Promise<void> {
  const prefix = randomName()
  const queue = await openQueue(prefix)
  await addAll(DEEP, (n) => queue.enqueue(requestOf(n)))
  const storage = redisStorage({ url, prefix })
  await storage.open()
  const times: number[] = []
  for (let i = 0; i < PROBES; i++) {
    const queueId = 1 + Math.floor((i / PROBES) * DEEP)
    times.push(await timed(() => storage.positions({ queueIds: [queueId] })))
  }
  await storage.close()
  await queue.close()
  await removeKeys(`{${prefix}}*`)
  console.log(`position among ${DEEP.toLocaleString('en-US')} waiting, with the round trip`)
  printTable([{ name: 'genqueue', 'p50 ms': ms(median(times)), 'p99 ms': ms(quantileOf(times, 0.99)) }])
}

export async function run(): Promise<void> {
  printMachine()
  console.log(
    `${JOBS.toLocaleString('en-US')} jobs, one add call each, ${ADDERS} under way; then ${CONCURRENCY} at a time, ` +
      `no-op handler; median of ${ROUNDS} rounds in turn`,
  )
  const contenders = [
    genqueue,
    bullmq('BullMQ 6.7, no tickets, no cap', null),
    bullmq('BullMQ 6.7, global concurrency 50', CONCURRENCY),
  ]
  printTable(await compare(contenders, JOBS, ROUNDS))
  await startLatencies()
  await memoryEach()
  await deepBacklog()
}
