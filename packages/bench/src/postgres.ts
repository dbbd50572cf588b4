import { addLatency, livesOf, startLatency } from './contender.js'
import { compare, printMachine, printTable, type Row } from './harness.js'
import { type Depth, depthRow, measureDepths } from './postgres/depths.js'
import { describeServer, dropOnInterrupt } from './postgres/server.js'
import { bullmq, CONNECTIONS, genqueue, genqueueApart, graphileWorker, pgBoss } from './postgres/subjects.js'
import { targetRows } from './postgres/targets.js'
import { type AppClientClass, generateClient } from './prisma-client.js'
import { versionOf } from './versions.js'
import { ADDERS, CONCURRENCY, USERS } from './work.js'

interface Sizes {
  readonly rounds: number
  readonly jobs: number
  /** For phases that do some thousand a second or less: rates need no more. */
  readonly slowJobs: number
  readonly calls: number
  readonly starts: number
  readonly depths: readonly number[]
  readonly probes: number
  readonly lives: number
}

const DEEP = 1_000_000
const WHOLE: Sizes = {
  rounds: 3,
  jobs: 20_000,
  slowJobs: 4_000,
  calls: 500,
  starts: 300,
  depths: [0, 10_000, 100_000, DEEP],
  probes: 2_000,
  lives: 10_000,
}
const QUICK: Sizes = {
  rounds: 1,
  jobs: 1_000,
  slowJobs: 400,
  calls: 50,
  starts: 20,
  depths: [0, 1_000, 4_000],
  probes: 100,
  lives: 500,
}
const LOCAL_QUEUE = 500

const names = {
  genqueue: `genqueue, tickets and cap ${CONCURRENCY}`,
  pgBoss: `pg-boss ${versionOf('pg-boss')}, fetch and complete`,
  capped: `pg-boss, groupConcurrency ${CONCURRENCY}`,
  batched: `graphile-worker ${versionOf('graphile-worker')}, batched`,
  plain: 'graphile-worker, plain',
  bullmq: `BullMQ ${versionOf('bullmq')} on PostgreSQL`,
  bullmqCapped: `BullMQ, global concurrency ${CONCURRENCY}`,
}

function contenders(Client: AppClientClass, { jobs, slowJobs }: Sizes) {
  const fast = { adds: slowJobs, processed: jobs }
  const slow = { adds: slowJobs, processed: slowJobs }
  return [
    livesOf(names.genqueue, { adds: jobs, processed: jobs }, genqueue(Client)),
    livesOf(names.pgBoss, fast, pgBoss({})),
    livesOf(names.capped, fast, pgBoss({ groupConcurrency: CONCURRENCY })),
    livesOf(names.batched, fast, graphileWorker({ localQueue: LOCAL_QUEUE })),
    livesOf(names.plain, slow, graphileWorker({})),
    livesOf(names.bullmq, slow, bullmq({ globalConcurrency: null })),
    livesOf(names.bullmqCapped, slow, bullmq({ globalConcurrency: CONCURRENCY })),
  ]
}

const count = (value: number) => value.toLocaleString('en-US')

async function compareLives(Client: AppClientClass, sizes: Sizes): Promise<Row[]> {
  const { rounds, jobs, slowJobs } = sizes
  console.log(
    `${count(jobs)} jobs of ${count(USERS)} users, one add call each, ${ADDERS} under way; then ${CONCURRENCY} at a time, ` +
      `no-op handler; an empty database each; median of ${rounds} rounds in turn\n` +
      `peers add ${count(slowJobs)}; graphile-worker plain and BullMQ process ${count(slowJobs)}, the others ${count(jobs)}, ` +
      'added many at once; the figures are rates, and a whole life takes its part of both',
  )
  const rows = await compare(contenders(Client, sizes), rounds)
  printTable(rows)
  return rows
}

async function compareLatencies(Client: AppClientClass, { calls, starts }: Sizes): Promise<number> {
  console.log(`one add at a time, ${calls} of them; ours reserves a ticket`)
  const ours = await addLatency('genqueue', calls, genqueue(Client))
  printTable([
    ours,
    await addLatency(names.pgBoss, calls, pgBoss({})),
    await addLatency(names.plain, calls, graphileWorker({})),
    await addLatency(names.bullmq, calls, bullmq({ globalConcurrency: null })),
  ])
  console.log(`add to start, ${starts} one after the other, idle worker`)
  printTable([
    await startLatency('genqueue, same process', starts, genqueue(Client)),
    await startLatency('genqueue, told by LISTEN', starts, genqueueApart(Client)),
    await startLatency('pg-boss, work() told by LISTEN', starts, pgBoss({ ownWorker: true })),
    await startLatency(names.plain, starts, graphileWorker({})),
    await startLatency(names.bullmq, starts, bullmq({ globalConcurrency: null })),
  ])
  return ours['p50 ms']
}

async function compareDepths(Client: AppClientClass, sizes: Sizes): Promise<Depth[]> {
  console.log(
    `genqueue with more and more waiting: ${count(sizes.probes)} positions, one call each; ` +
      `then ${count(sizes.lives)} added, and as many processed`,
  )
  const depths = await measureDepths(Client, sizes)
  printTable(depths.map(depthRow))
  return depths
}

export async function run(quick: boolean): Promise<void> {
  const sizes = quick ? QUICK : WHOLE
  dropOnInterrupt()
  const Client = await generateClient('postgresql')
  printMachine()
  console.log(
    `${await describeServer()}; genqueue through Prisma ${versionOf('@prisma/client')} with @prisma/adapter-pg, ` +
      `the others through pg ${versionOf('pg')}; ${CONNECTIONS} connections each\n`,
  )
  const rows = await compareLives(Client, sizes)
  const enqueueMsP50 = await compareLatencies(Client, sizes)
  const depths = await compareDepths(Client, sizes)
  const rowOf = (name: string) => rows.find((row) => row.name === name) as Row
  const ours = rowOf(names.genqueue)
  printTable(
    targetRows({
      ours,
      peers: rows.filter((row) => row !== ours),
      capped: rowOf(names.capped),
      batched: rowOf(names.batched),
      enqueueMsP50,
      positionMsP99: depths.find(({ depth }) => depth === DEEP)?.positionMs?.p99 ?? null,
    }),
  )
}
