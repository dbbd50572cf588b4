import { redisStorage } from '@genqueue/redis'
import { Redis } from 'ioredis'
import { livesOf, type OpenSubject, startLatency } from './contender.js'
import { compare, median, ms, printMachine, printTable, quantileOf, timed } from './harness.js'
import { openBeeQueue } from './peers/bee-queue.js'
import { bullmqOnRedis } from './peers/bullmq.js'
import { enqueueAll, genqueueSubject, openQueue } from './peers/genqueue.js'
import { versionOf } from './versions.js'
import { ADDERS, addAll, CONCURRENCY, numbers, randomName } from './work.js'

const WHOLE = { rounds: 5, jobs: 20_000, starts: 500, inMemory: 100_000, deep: 1_000_000, probes: 2_000 }
const QUICK = { rounds: 1, jobs: 2_000, starts: 50, inMemory: 10_000, deep: 10_000, probes: 200 }

const url = process.env.REDIS_URL ?? 'redis://127.0.0.1:6379'

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

const genqueue: OpenSubject = async () => {
  const prefix = randomName()
  const queue = await openQueue(redisStorage({ url, prefix }))
  return genqueueSubject(queue, { remove: () => removeKeys(`{${prefix}}*`) })
}

const bullmq =
  (globalConcurrency: number | null): OpenSubject =>
  () =>
    bullmqOnRedis(url, randomName(), { globalConcurrency }, removeKeys)

const beeQueue: OpenSubject = () => openBeeQueue(url, randomName(), removeKeys)

async function usedMemory(client: Redis): Promise<number> {
  return Number(/^used_memory:(\d+)/m.exec(await client.info('memory'))?.[1])
}

/** What a waiting job takes of the server's memory, its payload included; the same payload for all. */
async function memoryEach(name: string, jobs: number, open: OpenSubject) {
  const client = new Redis(url)
  const subject = await open()
  const before = await usedMemory(client)
  await addAll(numbers(1, jobs), subject.add)
  const each = ((await usedMemory(client)) - before) / jobs
  await subject.close()
  client.disconnect()
  return { name, 'bytes each': Math.round(each) }
}

/** Where one stands among many. */
async function deepBacklog(deep: number, probes: number) {
  const prefix = randomName()
  const queue = await openQueue(redisStorage({ url, prefix }))
  const queueIds = await enqueueAll(queue, numbers(1, deep))
  const times: number[] = []
  for (let i = 0; i < probes; i++) {
    const queueId = queueIds[Math.floor((i / probes) * deep)] as number
    times.push(await timed(() => queue.positions([queueId])))
  }
  await queue.close()
  await removeKeys(`{${prefix}}*`)
  return { name: 'genqueue', 'p50 ms': ms(median(times)), 'p99 ms': ms(quantileOf(times, 0.99)) }
}

export async function run(quick: boolean): Promise<void> {
  const { rounds, jobs, starts, inMemory, deep, probes } = quick ? QUICK : WHOLE
  const count = (value: number) => value.toLocaleString('en-US')
  const [bull, bee] = [`BullMQ ${versionOf('bullmq')}`, `bee-queue ${versionOf('bee-queue')}`]
  printMachine()
  console.log(
    `${count(jobs)} jobs, one add call each, ${ADDERS} under way; then ${CONCURRENCY} at a time, ` +
      `no-op handler; median of ${rounds} rounds in turn`,
  )
  const sizes = { adds: jobs, processed: jobs }
  const contenders = [
    livesOf('genqueue, tickets and cap 50', sizes, genqueue),
    livesOf(`${bull}, no tickets, no cap`, sizes, bullmq(null)),
    livesOf(`${bull}, global concurrency 50`, sizes, bullmq(CONCURRENCY)),
    livesOf(`${bee}, no priorities, no cap`, sizes, beeQueue),
  ]
  printTable(await compare(contenders, rounds))
  console.log(`enqueue to start, ${starts} one after the other`)
  printTable([
    await startLatency('genqueue', starts, genqueue),
    await startLatency(bull, starts, bullmq(null)),
    await startLatency(bee, starts, beeQueue),
  ])
  console.log(`memory of the server per waiting job, ${count(inMemory)} of them`)
  printTable([
    await memoryEach('genqueue', inMemory, genqueue),
    await memoryEach(bull, inMemory, bullmq(null)),
    await memoryEach(bee, inMemory, beeQueue),
  ])
  console.log(`position among ${count(deep)} waiting, with the round trip`)
  printTable([await deepBacklog(deep, probes)])
}
