import { Redis } from 'ioredis'
import { type OwnServer, startServer } from './server.js'

const NODES = 3
const SLOTS = 16_384
const READY_MS = 20_000

export interface OwnCluster {
  readonly nodes: { host: string; port: number }[]
  destroy(): Promise<void>
}

/** Three primaries on loopback that share the slots. */
export async function startCluster(): Promise<OwnCluster> {
  const servers = await Promise.all(
    Array.from({ length: NODES }, () => startServer(['--cluster-enabled', 'yes'])),
  )
  const clients = servers.map(({ url }) => new Redis(url))
  try {
    await join(servers, clients)
  } finally {
    for (const client of clients) client.disconnect()
  }
  return {
    nodes: servers.map(({ port }) => ({ host: '127.0.0.1', port })),
    async destroy() {
      await Promise.all(servers.map((server) => server.destroy()))
    },
  }
}

async function join(servers: readonly OwnServer[], clients: readonly Redis[]): Promise<void> {
  const share = Math.ceil(SLOTS / NODES)
  for (const [i, client] of clients.entries()) {
    const first = i * share
    const slots = Array.from({ length: Math.min(share, SLOTS - first) }, (_, n) => first + n)
    await client.cluster('ADDSLOTS', ...slots)
    await client.call('CLUSTER', 'SET-CONFIG-EPOCH', i + 1)
  }
  for (const { port } of servers.slice(1)) await clients[0]?.cluster('MEET', '127.0.0.1', port)
  const giveUpAt = Date.now() + READY_MS
  for (const client of clients) {
    while (!(await knowsAll(client))) {
      if (Date.now() > giveUpAt) throw new Error('the cluster did not come together')
      await new Promise((resolve) => setTimeout(resolve, 50))
    }
  }
}

async function knowsAll(client: Redis): Promise<boolean> {
  const info = String(await client.cluster('INFO'))
  return info.includes('cluster_state:ok') && info.includes(`cluster_known_nodes:${NODES}`)
}
