import { StorageError } from '@genqueue/core'

/**
 * What a database says when the same statement may well succeed a moment later: deadlocks, serialization failures, busy
 * files, and two writers of one unique key, of whom the second then finds the first one's row.
 */
const PASSING = [
  '40001', // PostgreSQL serialization_failure
  '40P01', // PostgreSQL deadlock_detected
  '55P03', // PostgreSQL lock_not_available
  '23505', // PostgreSQL unique_violation
  '1213', // MySQL deadlock
  '1205', // MySQL lock wait timeout
  '1020', // MariaDB: record has changed since last read
  '1062', // MySQL duplicate entry
  'SQLITE_BUSY',
  'SQLITE_CONSTRAINT_PRIMARYKEY',
  'SQLITE_CONSTRAINT_UNIQUE',
  'P2034', // Prisma: write conflict or deadlock
  'P2002', // Prisma: unique constraint
] as const

/** Out of reach: nothing is known of what became of the statement; every command is safe to repeat. */
const UNREACHABLE = [
  'P1001', // cannot reach the server
  'P1002', // the server timed out
  'P1008', // operation timed out
  'P1017', // the server closed the connection
  'P2024', // no connection from the pool in time
  'P2028', // the transaction could not begin or was closed
  'P2037', // too many connections
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  '57P01', // PostgreSQL admin_shutdown
  '57P02', // PostgreSQL crash_shutdown
  '57P03', // PostgreSQL cannot_connect_now
  '53300', // PostgreSQL too_many_connections
  'ConnectionClosed',
  'DatabaseNotReachable',
  'SocketTimeout',
  'TooManyConnections',
] as const

/** The class of SQLSTATE for connections: 08006, 08003, 08001 of PostgreSQL, 08S01 of MySQL. */
const UNREACHABLE_STATE = /^08[0-9A-Z]{3}$/
/** Drivers that give no code: their own words. */
const UNREACHABLE_WORDS =
  /connection (?:terminated|closed|ended|refused|lost)|server has closed|socket (?:closed|hang up)|not queryable|server closed the connection|pool timeout|can't connect|closed state|shutting down|starting up/i
const PASSING_WORDS =
  /database is locked|deadlock|write conflict|could not serialize|unique constraint|try restarting transaction/i

const MISSING_TABLE =
  /(?:relation|table|column) .*(?:does not|doesn't) exist|no such (?:table|column)|unknown column/i

/** How an error stands to the statement that it ended. */
export type FailureKind = 'passing' | 'unreachable' | 'broken'

const DEPTH_MAX = 6

/** Codes and words of an error and of what it wraps: drivers, adapters and Prisma each add a layer. */
function traces(error: unknown): { codes: string[]; words: string } {
  const codes: string[] = []
  const words: string[] = []
  let current: unknown = error
  for (let depth = 0; depth < DEPTH_MAX && typeof current === 'object' && current !== null; depth++) {
    const { code, originalCode, errno, state, kind, message, cause, meta } = current as Record<
      string,
      unknown
    >
    for (const value of [code, originalCode, errno, state, kind]) {
      if (typeof value === 'string' || typeof value === 'number') codes.push(String(value))
    }
    if (typeof message === 'string') words.push(message)
    const inMeta = (meta as { driverAdapterError?: unknown } | undefined)?.driverAdapterError
    if (typeof meta === 'object' && meta !== null && 'code' in meta) codes.push(String(meta.code))
    current = cause ?? inMeta
  }
  return { codes, words: words.join('\n') }
}

export function failureKind(error: unknown): FailureKind {
  const { codes, words } = traces(error)
  const among = (list: readonly string[]) => codes.some((code) => list.includes(code))
  if (among(PASSING) || PASSING_WORDS.test(words)) return 'passing'
  if (among(UNREACHABLE) || UNREACHABLE_WORDS.test(words)) return 'unreachable'
  if (codes.some((code) => UNREACHABLE_STATE.test(code))) return 'unreachable'
  return 'broken'
}

/** The error that core understands. Its message has no statement and no value: those may be a user's. */
export function storageError(error: unknown): StorageError {
  if (error instanceof StorageError) return error
  const kind = failureKind(error)
  if (kind === 'unreachable') {
    return new StorageError('the database is out of reach', { transient: true, cause: error })
  }
  if (kind === 'passing') {
    return new StorageError('the database stayed busy with other writers', { transient: true, cause: error })
  }
  const hint = MISSING_TABLE.test(traces(error).words)
    ? 'genqueue’s tables are missing or old: run `npx genqueue-prisma migrate` (or `npx prisma db push`)'
    : 'the database refused a statement of genqueue; the cause has its words'
  return new StorageError(hint, { transient: false, cause: error })
}

const FIRST_PAUSE_MS = 2
const PAUSE_MS_MAX = 100
/** As long as SQLite's own busy timeout usually is; a server's deadlocks are over far sooner. */
const GIVE_UP_AFTER_MS = 5_000

/** Runs it again while what stopped it passes by itself; the one place where the adapter retries. */
export async function retrying<Result>(run: () => Promise<Result>): Promise<Result> {
  let giveUpAt: number | undefined
  for (let attempt = 1; ; attempt++) {
    try {
      return await run()
    } catch (error) {
      if (failureKind(error) !== 'passing') throw storageError(error)
      const now = performance.now()
      giveUpAt ??= now + GIVE_UP_AFTER_MS
      if (now > giveUpAt) throw storageError(error)
      const pauseMs = Math.min(PAUSE_MS_MAX, FIRST_PAUSE_MS * 2 ** attempt) * Math.random()
      await new Promise((resolve) => setTimeout(resolve, pauseMs))
    }
  }
}
