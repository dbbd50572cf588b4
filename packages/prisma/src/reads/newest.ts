import type { Database } from '../database.js'

/** What a condition on an index takes: its leading columns with their values, ids below the cursor, newest first. */
export interface Newest {
  readonly where: string
  readonly orderBy: string
  readonly values: readonly unknown[]
}

/**
 * The newest rows under a key, to be read with a limit. PostgreSQL, told only of an order by id, may walk down all ids and
 * leave out what is of another key: 100,000 that wait to find the last completed one of a model. So it is given an order that
 * only the key's index has; its last column has bounds for that, as an equality would be taken out of the order again.
 */
export function newestUnder(
  { provider }: Pick<Database, 'provider'>,
  key: Readonly<Record<string, string>>,
  cursor: number | null,
): Newest {
  const entries = Object.entries(key).map(([column, value]) => ({ column: `"${column}"`, value }))
  const last = provider === 'postgresql' ? entries.pop() : undefined
  const conditions = entries.map(({ column }) => `${column} = ?`)
  const values: unknown[] = entries.map(({ value }) => value)
  if (last === undefined) {
    if (cursor !== null) conditions.push('"id" < ?')
    return {
      where: conditions.join(' AND ') || '1 = 1',
      orderBy: '"id" DESC',
      values: cursor === null ? values : [...values, cursor],
    }
  }
  const { column, value } = last
  conditions.push(`${column} >= ?`, `${column} <= ?`)
  values.push(value, value)
  if (cursor !== null) {
    conditions.push(`(${column}, "id") < (?, ?)`)
    values.push(value, cursor)
  }
  return { where: conditions.join(' AND '), orderBy: `${column} DESC, "id" DESC`, values }
}
