import { addLatency, livesOf, startLatency } from './contender.js'
import { compare, printMachine, printTable } from './harness.js'
import { canRunPlainjob } from './peers/plainjob.js'
import { type AppClientClass, generateClient } from './prisma-client.js'
import { genqueue, plainjob } from './sqlite/subjects.js'
import { versionOf } from './versions.js'
import { ADDERS, CONCURRENCY, USERS } from './work.js'

const WHOLE = { rounds: 3, jobs: 20_000, calls: 500, starts: 200 }
const QUICK = { rounds: 1, jobs: 1_000, calls: 50, starts: 20 }

const CLAIM = 'plainjob claims 15,000 jobs a second'

async function tables(Client: AppClientClass, quick: boolean): Promise<void> {
  const { rounds, jobs, calls, starts } = quick ? QUICK : WHOLE
  const count = (value: number) => value.toLocaleString('en-US')
  const theirs = `plainjob ${versionOf('plainjob')}`
  const beside = canRunPlainjob()
  console.log(
    `${count(jobs)} jobs of ${count(USERS)} users, one add call each, ${ADDERS} under way; then ${CONCURRENCY} at a time ` +
      `(plainjob: one), no-op handler; an empty file each; median of ${rounds} rounds in turn`,
  )
  const sizes = { adds: jobs, processed: jobs }
  const contenders = [
    livesOf(`genqueue, tickets and cap ${CONCURRENCY}`, sizes, genqueue(Client)),
    ...(beside ? [livesOf(`${theirs}, no tickets, no cap`, sizes, plainjob)] : []),
  ]
  printTable(await compare(contenders, rounds))
  console.log(
    beside
      ? `${CLAIM}; here it runs on node:sqlite, with WAL and synchronous NORMAL, as it sets them\n`
      : `${CLAIM}; not run: it needs node:sqlite, which ${process.version} has not\n`,
  )
  console.log(`one add at a time, ${calls} of them; ours reserves a ticket`)
  printTable([
    await addLatency('genqueue', calls, genqueue(Client)),
    ...(beside ? [await addLatency(theirs, calls, plainjob)] : []),
  ])
  console.log(`add to start, ${starts} one after the other, idle worker; plainjob only looks every second`)
  printTable([await startLatency('genqueue', starts, genqueue(Client))])
}

export async function run(quick: boolean): Promise<void> {
  const Client = await generateClient('sqlite')
  printMachine()
  console.log(
    `genqueue on a file, with WAL and synchronous FULL, through Prisma ${versionOf('@prisma/client')} with @prisma/adapter-libsql\n`,
  )
  await tables(Client, quick)
}
