import { StorageError } from '@genqueue/core'

/** What a failed command says about itself: its reply was lost, the script is not cached, or the server refused. */
export type Failure = 'lost' | 'uncached' | 'busy' | 'refused'

/** Errors of a connection that broke or was not there; the command may have been carried out. */
const LOST =
  /connection is closed|max retries|stream isn't writeable|command aborted|econn|epipe|etimedout|enotfound|socket|slots cache|startup nodes|command timed out/i
/** The server is there, and will take the command later. */
const BUSY = /^(LOADING|BUSY|CLUSTERDOWN|TRYAGAIN|MASTERDOWN|READONLY|UNBLOCKED|NOREPLICAS)/

const EXPLAINED: readonly [RegExp, string][] = [
  [/^READONLY/, 'this server is a replica; connect to the primary'],
  [/^OOM/, 'the server has reached maxmemory and takes no writes; nothing was changed; give it more memory'],
  [
    /^NOPERM/,
    'the user of this connection lacks a permission; it needs EVAL, EVALSHA and all commands on its keys',
  ],
  [/^MISCONF/, 'the server cannot save to its disk and refuses writes; see its log'],
]

const textOf = (error: unknown) => (error instanceof Error ? error.message : String(error))

export function classify(error: unknown): Failure {
  const text = textOf(error)
  if (text.startsWith('NOSCRIPT')) return 'uncached'
  if (BUSY.test(text)) return 'busy'
  return LOST.test(text) || LOST.test((error as { code?: string }).code ?? '') ? 'lost' : 'refused'
}

/**
 * The error as the contract wants it. The client's own error is not kept as its cause: it carries the command's
 * arguments, and those are users' prompts.
 */
export function storageError(command: string, error: unknown): StorageError {
  if (error instanceof StorageError) return error
  const text = textOf(error)
  const explained = EXPLAINED.find(([pattern]) => pattern.test(text))?.[1]
  return new StorageError(`${command}: ${explained ?? text}`, { transient: classify(error) !== 'refused' })
}
