import { StorageError } from '@genqueue/core'
import type { RedisClient } from './client.js'

/** Longest pause between two attempts to reach a server that is away. */
const RECONNECT_MS_MAX = 1_000

/**
 * How our own connection fails: commands that were under way are answered at once when it breaks, and none are kept
 * for later, so that the storage itself decides what is sent again and how long anybody waits.
 */
const OWN_OPTIONS = {
  lazyConnect: true,
  enableOfflineQueue: false,
  autoResendUnfulfilledCommands: false,
  maxRetriesPerRequest: 0,
  retryStrategy: (attempts: number) => Math.min(attempts * 50, RECONNECT_MS_MAX),
}

/** Options of ioredis's constructor, as its version has them. */
export type ConnectionOptions = Readonly<Record<string, unknown>>

interface Ioredis {
  Redis: new (...args: unknown[]) => RedisClient
}

/** A connection of our own, not yet connected. Throws when ioredis is not installed. */
export async function ownConnection(
  url: string | undefined,
  options: ConnectionOptions | undefined,
): Promise<RedisClient> {
  const { Redis } = await loadIoredis()
  const all = { ...OWN_OPTIONS, ...options }
  const client = url === undefined ? new Redis(all) : new Redis(url, all)
  // Without a listener ioredis prints; what fails is told to those who call.
  client.on('error', () => {})
  return client
}

async function loadIoredis(): Promise<Ioredis> {
  try {
    return (await import('ioredis')) as unknown as Ioredis
  } catch (cause) {
    throw new StorageError('redisStorage({ url }) needs the package ioredis: npm install ioredis', {
      transient: false,
      cause,
    })
  }
}
