import { StorageError } from '@genqueue/core'
import type { Caller } from './link.js'
import { packer } from './pack.js'

/** Oldest server that has every command the scripts use. */
const VERSION_MIN = [6, 2] as const

/**
 * Looks at the server that holds the namespace: refuses one that is too old or a replica, warns of one that may evict
 * keys. Answers the base of all keys as the server sees it, with whatever prefix the client puts before it.
 */
export async function inspect(caller: Caller, warn: (message: string) => void): Promise<string> {
  const { values } = await caller.call('inspect', [packer.begin(0).take()])
  values.list()
  const base = values.text()
  const [server, replication, memory] = [values.text(), values.text(), values.text()].map(readInfo)
  const version = server?.get('redis_version')
  if (version !== undefined && isOlder(version)) {
    throw new StorageError(
      `redis ${version} is too old: genqueue needs Redis ${VERSION_MIN.join('.')} or later, or Valkey`,
      { transient: false },
    )
  }
  if (replication?.get('role') === 'slave') {
    throw new StorageError('this redis server is a replica and takes no writes; connect to the primary', {
      transient: false,
    })
  }
  const policy = memory?.get('maxmemory_policy')
  if (policy !== undefined && policy !== 'noeviction') {
    warn(
      `the redis server's maxmemory-policy is ${policy}: when its memory is full it drops keys, and with them ` +
        'queued generations, slots and tickets; set maxmemory-policy to noeviction',
    )
  }
  return base
}

function readInfo(text: string): ReadonlyMap<string, string> {
  return new Map(
    text.split('\r\n').flatMap((line): [string, string][] => {
      const colon = line.indexOf(':')
      return colon === -1 ? [] : [[line.slice(0, colon), line.slice(colon + 1)]]
    }),
  )
}

function isOlder(version: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number)
  return major < VERSION_MIN[0] || (major === VERSION_MIN[0] && minor < VERSION_MIN[1])
}
