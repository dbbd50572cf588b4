import { GenqueueError } from '@genqueue/core'
import type { RedisClient } from './client.js'
import type { ConnectionOptions } from './connect.js'

interface CommonOptions {
  /** Name of the namespace, default `genqueue`: all its keys begin with `{genqueue}:`. Letters, digits, `_ . : -`. */
  readonly prefix?: string | undefined
  /** Longest that one command waits for the server, reconnecting included; default 3,000, 50 to 60,000. */
  readonly timeoutMs?: number | undefined
  /** Told when the server may lose data. Default: console.warn. */
  readonly warn?: ((message: string) => void) | undefined
}

/** Over your own client, which stays yours; or over a connection that the storage opens and closes. */
export type RedisStorageOptions = CommonOptions &
  (
    | { readonly client: RedisClient; readonly url?: undefined; readonly options?: undefined }
    | { readonly url: string; readonly options?: ConnectionOptions | undefined; readonly client?: undefined }
    | { readonly options: ConnectionOptions; readonly url?: undefined; readonly client?: undefined }
  )

export interface RedisSettings {
  readonly namespace: string
  readonly timeoutMs: number
  readonly warn: (message: string) => void
  readonly client: RedisClient | undefined
  readonly url: string | undefined
  readonly options: ConnectionOptions | undefined
}

const TIMEOUT_MS = 3_000
const TIMEOUT_MS_MIN = 50
const TIMEOUT_MS_MAX = 60_000
const PREFIX_PATTERN = /^[\w.:-]{1,100}$/
const CLIENT_METHODS = ['callBuffer', 'connect', 'duplicate', 'on', 'off'] as const

/** Checks the options and fills in the defaults; throws VALIDATION. */
export function readOptions(given: RedisStorageOptions): RedisSettings {
  if (typeof given !== 'object' || given === null) {
    throw invalid('takes { client }, { url } or { options }')
  }
  const { prefix = 'genqueue', timeoutMs = TIMEOUT_MS, client, url, options } = given
  const warn = given.warn ?? ((message: string) => console.warn(`genqueue: ${message}`))
  if (typeof prefix !== 'string' || !PREFIX_PATTERN.test(prefix)) {
    throw invalid('prefix must be 1 to 100 letters, digits or _ . : - (the hash tag is put around it)')
  }
  if (typeof timeoutMs !== 'number' || !(timeoutMs >= TIMEOUT_MS_MIN && timeoutMs <= TIMEOUT_MS_MAX)) {
    throw invalid(`timeoutMs must be ${TIMEOUT_MS_MIN} to ${TIMEOUT_MS_MAX}`)
  }
  if (typeof warn !== 'function') throw invalid('warn must be a function')
  checkConnection(client, url, options)
  return { namespace: `{${prefix}}:`, timeoutMs, warn, client, url, options }
}

function checkConnection(client: unknown, url: unknown, options: unknown): void {
  if (client !== undefined) {
    if (url !== undefined || options !== undefined)
      throw invalid('takes client, or url and options, not both')
    if (!isClient(client)) throw invalid('client must be an ioredis 5 or 6 Redis or Cluster')
    return
  }
  if (url === undefined && options === undefined) throw invalid('takes { client }, { url } or { options }')
  if (url !== undefined && !(typeof url === 'string' && /^rediss?:\/\//.test(url))) {
    throw invalid('url must begin with redis:// or rediss://')
  }
  if (options !== undefined && (typeof options !== 'object' || options === null)) {
    throw invalid("options must be those of ioredis's constructor")
  }
}

const isClient = (value: unknown): boolean =>
  typeof value === 'object' &&
  value !== null &&
  CLIENT_METHODS.every((name) => typeof (value as Record<string, unknown>)[name] === 'function')

const invalid = (rule: string) => new GenqueueError('VALIDATION', `redisStorage: ${rule}`)
