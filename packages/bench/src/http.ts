import { fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { printMachine, printTable, quantileOf } from './harness.js'
import { createPoller, type Polled, type Poller, pollAtRate, pollFlatOut } from './http-polls.js'

/** `pollers`: users who look again every five seconds, as many as make the rate. */
const WHOLE = { queued: 100_000, pollers: 10_000, perSecond: 2_000, rateMs: 10_000, flatOutMs: 5_000 }
const QUICK = { queued: 10_000, pollers: 1_000, perSecond: 1_000, rateMs: 2_000, flatOutMs: 1_000 }
const CONNECTIONS = 64

const SERVER = fileURLToPath(new URL('../../http/scripts/poll-server.ts', import.meta.url))
const STORAGE = new URL('./http-storage.ts', import.meta.url).href

/** What the server tells of itself: see packages/http/scripts/poll-server.ts. */
interface Usage {
  readonly cpuMs: number
  readonly commands: Readonly<Record<string, number>>
  readonly reads: number
}

async function startServer(kind: string, queued: number) {
  const child = fork(SERVER, [STORAGE, kind, String(queued)])
  const hear = <Message>() =>
    new Promise<Message>((resolve, reject) => {
      child.once('message', (message) => resolve(message as Message))
      child.once('exit', (code) => reject(new Error(`the server ended with ${code}`)))
    })
  const { port } = await hear<{ port: number }>()
  return {
    port,
    usage() {
      const heard = hear<Usage>()
      child.send('usage')
      return heard
    },
    async close() {
      const left = new Promise((resolve) => child.once('exit', resolve))
      child.send('close')
      await left
    },
  }
}

const rounded = (value: number, digits = 2) => Number(value.toFixed(digits))

function row(name: string, polled: Polled, usage: Usage) {
  const { polls, unchanged, elapsedMs, latenciesMs } = polled
  const commands = Object.values(usage.commands).reduce((sum, times) => sum + times, 0)
  return {
    name,
    'polls/s': Math.round((polls / elapsedMs) * 1_000),
    'p50 ms': rounded(quantileOf(latenciesMs, 0.5)),
    'p90 ms': rounded(quantileOf(latenciesMs, 0.9)),
    'p99 ms': rounded(quantileOf(latenciesMs, 0.99)),
    'server CPU s': rounded(usage.cpuMs / 1_000),
    'CPU us each': Math.round((usage.cpuMs * 1_000) / polls),
    'reads each': rounded(usage.reads / polls, 3),
    'commands each': rounded(commands / polls, 3),
    '304 %': Math.round((unchanged / polls) * 100),
  }
}

/** Every poller's first look, which reads row and position, lies before what is measured. */
const firstLooks = (poller: Poller, pollers: number, perSecond: number) =>
  pollAtRate(poller, { pollers, perSecond, forMs: (pollers / perSecond) * 1_000 })

export async function run(quick: boolean): Promise<void> {
  const { queued, pollers, perSecond, rateMs, flatOutMs } = quick ? QUICK : WHOLE
  printMachine()
  const atRate: ReturnType<typeof row>[] = []
  const flatOut: ReturnType<typeof row>[] = []
  for (const kind of ['memory', 'redis']) {
    const server = await startServer(kind, queued)
    for (const tags of [false, true]) {
      const name = tags ? `${kind}, tags sent` : kind
      const poller = createPoller(server.port, CONNECTIONS, tags)
      await firstLooks(poller, pollers, perSecond)
      await server.usage()
      const steady = { pollers, perSecond, forMs: rateMs }
      atRate.push(row(name, await pollAtRate(poller, steady), await server.usage()))
      const fast = { pollers, connections: CONNECTIONS, forMs: flatOutMs }
      flatOut.push(row(name, await pollFlatOut(poller, fast), await server.usage()))
      poller.close()
      process.stderr.write(`${name} measured\n`)
    }
    await server.close()
  }
  const told = 'reads: rows and positions; commands: these gathered, and the statistics of the model'
  const depth = queued.toLocaleString('en-US')
  console.log(
    `status polls among ${depth} queued, node:http server in its own process, ${CONNECTIONS} connections kept; ` +
      `${pollers.toLocaleString('en-US')} generations in turn; ${told}`,
  )
  console.log(
    `${perSecond.toLocaleString('en-US')} polls a second for ${rateMs / 1_000} s, latency from when each was due`,
  )
  printTable(atRate)
  console.log(`as fast as they are answered, ${flatOutMs / 1_000} s; the clients take a core of their own`)
  printTable(flatOut)
}
