import { describe, expect, it } from 'vitest'
import { type FailureKind, failureKind } from '../src/failure.js'

/** As Prisma 7 hands on what a driver adapter says: the adapter's error in `meta`, the driver's in its cause. */
const prisma = (cause: Record<string, unknown>) =>
  Object.assign(new Error('Raw query failed.'), {
    code: 'P2010',
    meta: { driverAdapterError: Object.assign(new Error('DriverAdapterError'), { cause }) },
  })
const mysql = (code: number, state: string, message: string) =>
  prisma({ originalCode: String(code), originalMessage: message, kind: 'mysql', code, message, state })
const postgres = (code: string, message: string) =>
  prisma({ originalCode: code, originalMessage: message, kind: 'postgres', code, message })

describe('how an error stands to its statement', () => {
  const CASES: readonly [FailureKind, string, unknown][] = [
    [
      'unreachable',
      'MariaDB: the socket closed in the middle',
      mysql(45009, '08S01', 'socket has unexpectedly been closed'),
    ],
    [
      'unreachable',
      'MariaDB: a command on a closed connection',
      mysql(45013, '08S01', 'Cannot execute new commands'),
    ],
    ['unreachable', 'PostgreSQL: connection_failure', postgres('08006', 'whatever')],
    ['unreachable', 'PostgreSQL: crash_shutdown', postgres('57P02', 'whatever')],
    ['unreachable', 'a reset socket', Object.assign(new Error('read'), { code: 'ECONNRESET' })],
    ['unreachable', 'words alone', new Error('Connection terminated unexpectedly')],
    ['passing', 'MariaDB: a deadlock', mysql(1213, '40001', 'whatever')],
    ['passing', 'PostgreSQL: two writers of one key', postgres('23505', 'whatever')],
    ['broken', 'MariaDB: a table that is not there', mysql(1146, '42S02', 'whatever')],
    ['broken', 'PostgreSQL: a mistake in a statement', postgres('42601', 'whatever')],
    ['broken', 'no error at all', 'whatever'],
  ]
  it.each(CASES)('%s: %s', (kind, _, error) => {
    expect(failureKind(error)).toBe(kind)
  })
})
