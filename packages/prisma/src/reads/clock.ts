import type { Database } from '../database.js'
import { toNumber } from '../row.js'

/** Without a time zone in it: sessions may be set to any. */
const CLOCK = {
  postgresql: 'SELECT CAST(FLOOR(EXTRACT(EPOCH FROM clock_timestamp()) * 1000) AS BIGINT) AS "now"',
  mysql: `SELECT TIMESTAMPDIFF(MICROSECOND, '1970-01-01', UTC_TIMESTAMP(3)) DIV 1000 AS "now"`,
} as const

/** The database's clock, epoch milliseconds. SQLite lives in this process and has its clock. */
export async function readClock(database: Database): Promise<number> {
  if (database.provider === 'sqlite') return Date.now()
  const [row] = await database.rows(CLOCK[database.provider])
  return toNumber(row?.now)
}
