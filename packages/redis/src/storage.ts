import { type Storage, StorageError } from '@genqueue/core'
import { admit } from './admit.js'
import { apply, applyAndClaim } from './apply.js'
import { audit, mend, purge } from './care.js'
import { claim } from './claim.js'
import type { RedisClient } from './client.js'
import { ownConnection } from './connect.js'
import { inspect } from './inspect.js'
import { limit, limits } from './limits.js'
import { type Caller, createLink, type Link } from './link.js'
import { listen } from './listen.js'
import { type RedisStorageOptions, readOptions } from './options.js'
import { due, get, list, positions } from './reads.js'
import { renew } from './renew.js'
import { start } from './start.js'
import { now, rollups, stats } from './stats.js'
import { accounts, ledger, post } from './tickets.js'

const BATCH_MAX = 25
const BATCHES_IN_FLIGHT = 4

const unusable = () => new StorageError('the redis storage is not open', { transient: false })

/** Stands where no connection is yet. */
const UNOPENED: Caller = { call: () => Promise.reject(unusable()) }

/** Lets the server answer what is under way; one that is away is not waited for. */
async function hangUp(client: RedisClient): Promise<void> {
  if (client.status === 'ready') await client.quit().catch(() => {})
  client.disconnect()
}

/**
 * A storage in Redis 6.2 or later, Valkey or a Redis Cluster, shared by any number of processes. Every command is one
 * script, so nothing can come between its decision and its writing. Throws VALIDATION for wrong options.
 */
export function redisStorage(options: RedisStorageOptions): Storage {
  const settings = readOptions(options)
  const { namespace, timeoutMs, warn } = settings
  let link: Link | undefined
  let base = namespace
  let closed = false

  const open = async (): Promise<void> => {
    if (closed) throw unusable()
    link ??= createLink(
      settings.client ?? (await ownConnection(settings.url, settings.options)),
      namespace,
      timeoutMs,
    )
    base = await inspect(link, warn)
  }
  const close = async (): Promise<void> => {
    if (closed) return
    closed = true
    link?.close()
    if (settings.client === undefined && link !== undefined) await hangUp(link.client)
  }
  const current = (): Caller => link ?? UNOPENED

  return {
    name: 'redis',
    supports: {
      shared: true,
      durable: true,
      listen: true,
      transactions: false,
      batchMax: BATCH_MAX,
      batchesInFlight: BATCHES_IN_FLIGHT,
    },
    open,
    close,
    now: () => now(current()),
    admit: (command) => admit(current(), command),
    claim: (command) => claim(current(), command),
    applyAndClaim: (command, wanted) => applyAndClaim(current(), command, wanted),
    start: (command) => start(current(), command),
    apply: (command) => apply(current(), command),
    renew: (command) => renew(current(), command),
    post: (command) => post(current(), command),
    limit: (command) => limit(current(), command),
    purge: (command) => purge(current(), command),
    mend: (command) => mend(current(), command),
    get: (queueIds) => get(current(), queueIds),
    list: (query) => list(current(), query),
    positions: (command) => positions(current(), command),
    due: (query) => due(current(), query),
    stats: (query) => stats(current(), query),
    rollups: (query) => rollups(current(), query),
    accounts: (userIds) => accounts(current(), userIds),
    ledger: (query) => ledger(current(), query),
    limits: () => limits(current()),
    audit: (query) => audit(current(), query),
    async listen(wake) {
      if (link === undefined || closed) throw unusable()
      return listen(link.client, `${base}wake`, timeoutMs, wake)
    },
  }
}
