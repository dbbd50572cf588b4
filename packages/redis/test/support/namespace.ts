import { randomBytes } from 'node:crypto'
import type { Cluster, Redis } from 'ioredis'

const SCAN_COUNT = 1_000

/** A namespace that no other test and no application uses. */
export const randomPrefix = (): string => `genqueue-test-${randomBytes(6).toString('hex')}`

/** Removes the keys of one namespace and no other. */
export async function removeNamespace(
  client: Redis | Cluster,
  prefix: string,
  keyPrefix = '',
): Promise<void> {
  const nodes = 'nodes' in client ? client.nodes('master') : [client]
  for (const node of nodes) {
    let cursor = '0'
    do {
      const [next, keys] = await node.scan(cursor, 'MATCH', `${keyPrefix}{${prefix}}*`, 'COUNT', SCAN_COUNT)
      cursor = next
      if (keys.length > 0) await node.unlink(...keys)
    } while (cursor !== '0')
  }
}
