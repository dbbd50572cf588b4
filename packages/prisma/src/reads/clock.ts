import type { Database } from '../database.js'
import { toNumber } from '../row.js'

/** Epoch milliseconds, without a time zone in it: sessions may be set to any. */
const CLOCK = {
  postgresql: 'CAST(FLOOR(EXTRACT(EPOCH FROM clock_timestamp()) * 1000) AS BIGINT)',
  mysql: `TIMESTAMPDIFF(MICROSECOND, '1970-01-01', UTC_TIMESTAMP(3)) DIV 1000`,
} as const

/** The database's clock, epoch milliseconds. SQLite lives in this process and has its clock. */
export async function readClock(database: Database): Promise<number> {
  if (database.provider === 'sqlite') return Date.now()
  const [row] = await database.rows(`SELECT ${CLOCK[database.provider]} AS "now"`)
  return toNumber(row?.now)
}

/** A time within a statement: as given, or the database's clock, which then need not be read before. */
export function timeIn(
  { provider }: Database,
  at: number | undefined,
): { readonly sql: string; readonly values: readonly number[] } {
  if (at !== undefined) return { sql: '?', values: [at] }
  return provider === 'sqlite' ? { sql: '?', values: [Date.now()] } : { sql: CLOCK[provider], values: [] }
}
