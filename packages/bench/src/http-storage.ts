import type { Storage } from '@genqueue/core'
import { memoryStorage } from '@genqueue/memory'
import { redisStorage } from '@genqueue/redis'
import { Redis } from 'ioredis'

const url = process.env.REDIS_URL ?? 'redis://127.0.0.1:6379'
const SCAN = 5_000

/** A storage for the server of `bench http`, and how to leave nothing of it behind. */
export async function openStorage(kind: string): Promise<{ storage: Storage; remove(): Promise<void> }> {
  if (kind === 'memory') return { storage: memoryStorage(), remove: async () => {} }
  const prefix = `genqueue-bench-http-${process.pid}`
  const remove = async () => {
    const client = new Redis(url)
    for await (const keys of client.scanStream({ match: `{${prefix}}*`, count: SCAN })) {
      if (keys.length > 0) await client.unlink(...keys)
    }
    client.disconnect()
  }
  return { storage: redisStorage({ url, prefix }), remove }
}
