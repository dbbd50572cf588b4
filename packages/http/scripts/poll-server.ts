/**
 * A server of status polls in a process of its own, for measuring: `poll-server.ts MODULE KIND QUEUED`. MODULE exports
 * `openStorage(kind)`. Fills a queue, listens on a free port of loopback, and tells its parent the port; asked for
 * `usage` it tells what it used since it was asked last, and on `close` it leaves.
 */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createQueue, type Storage } from '@genqueue/core'
import { createQueueHandler } from '@genqueue/http'
import { getRequestListener } from '@hono/node-server'
import { type Count, countedStorage } from './counted-storage.js'

/** What a module named on the command line exports as `openStorage`. */
export type OpenStorage = (kind: string) => Promise<{ storage: Storage; remove(): Promise<void> }>

/** Since it was asked last. */
export interface Usage {
  readonly cpuMs: number
  readonly commands: Readonly<Record<string, number>>
  readonly reads: number
}

const FILL = 1_000
const USER = 'ada'

const [, , module = '', kind = '', queued = '0'] = process.argv
const { openStorage } = (await import(module)) as { openStorage: OpenStorage }
const { storage, remove } = await openStorage(kind)
const count: Count = { commands: new Map(), reads: 0 }
const queue = createQueue({ storage: countedStorage(storage, count), models: { m: 50 } })

await queue.tickets.grant(USER, Number(queued))
for (let left = Number(queued); left > 0; left -= FILL) {
  const request = { userId: USER, modelId: 'm', prompt: 'a lighthouse in the fog', parameters: { steps: 20 } }
  await queue.enqueueMany(Array.from({ length: Math.min(FILL, left) }, () => request))
}

const handler = createQueueHandler(queue, {
  identify: (request) => (request.headers.get('cookie') === `session=${USER}` ? { userId: USER } : null),
})
const server = createServer(getRequestListener(handler))
await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))

let cpu = process.cpuUsage()
function usage(): Usage {
  const { user, system } = process.cpuUsage(cpu)
  const told = {
    cpuMs: (user + system) / 1_000,
    commands: Object.fromEntries(count.commands),
    reads: count.reads,
  }
  cpu = process.cpuUsage()
  count.commands.clear()
  count.reads = 0
  return told
}

process.on('message', async (message) => {
  if (message === 'usage') process.send?.(usage())
  if (message !== 'close') return
  server.closeAllConnections()
  server.close()
  await queue.close()
  await remove()
  process.disconnect()
})
process.send?.({ port: (server.address() as AddressInfo).port })
