import type { Database } from '../database.js'
import type { Column, ColumnType, Table } from '../schema/tables.js'

/** Many rows travel as one JSON text: a value for each cell would cost the driver more than the statement. */
const ROWS_MAX = 500
/** Well below MySQL's `max_allowed_packet`, which is 16 MB on most servers. */
const TEXT_LENGTH_MAX = 2_000_000

export type Cells = Readonly<Record<string, string | number | boolean | null>>

/** What an insert does where the key is taken: fails, or adds to or replaces these columns. */
export interface OnConflict {
  readonly add?: readonly string[]
  readonly replace?: readonly string[]
}

export async function insertAll(
  database: Database,
  table: Table,
  columns: readonly string[],
  rows: readonly Cells[],
  onConflict: OnConflict | null = null,
): Promise<void> {
  if (rows.length === 0) return
  const names = columns.map((name) => `"${name}"`).join(', ')
  const source = sourceOf(database, table, columns)
  const conflict = onConflict === null ? '' : conflictClause(database, table, onConflict)
  const sql = `INSERT INTO "${table.name}" (${names}) ${source.select} ${conflict}`
  for (const text of textsOf(columns, rows)) await database.run(sql, [text])
}

/** Sets `columns` of the rows with these keys. */
export async function updateAll(
  database: Database,
  table: Table,
  key: string,
  columns: readonly string[],
  rows: readonly Cells[],
): Promise<void> {
  if (rows.length === 0) return
  const all = [key, ...columns]
  const { from, cell } = sourceOf(database, table, all)
  const target = `"${table.name}"`
  const sets = columns.map((column, index) => [column, cell(index + 1)] as const)
  const sql =
    database.provider === 'mysql'
      ? `UPDATE ${target} JOIN ${from} ON ${target}."${key}" = ${cell(0)}
         SET ${sets.map(([column, value]) => `${target}."${column}" = ${value}`).join(', ')}`
      : `UPDATE ${target} SET ${sets.map(([column, value]) => `"${column}" = ${value}`).join(', ')}
         FROM ${from} WHERE ${target}."${key}" = ${cell(0)}`
  for (const text of textsOf(all, rows)) await database.run(sql, [text])
}

/** What a cell of the JSON text becomes, where the database wants to be told. */
const CELL_TYPES: Readonly<Record<'mysql' | 'postgresql', Readonly<Record<ColumnType, string>>>> = {
  mysql: {
    id: 'BIGINT',
    name: 'LONGTEXT',
    text: 'LONGTEXT',
    integer: 'BIGINT',
    long: 'BIGINT',
    number: 'DOUBLE',
    boolean: 'BIGINT',
  },
  postgresql: {
    id: 'INTEGER',
    name: 'TEXT',
    text: 'TEXT',
    integer: 'INTEGER',
    long: 'BIGINT',
    number: 'DOUBLE PRECISION',
    boolean: 'BOOLEAN',
  },
}

/** How a JSON text of arrays becomes rows, in the database's own words. */
function sourceOf(database: Database, table: Table, columns: readonly string[]) {
  const typeOf = (index: number) =>
    (table.columns.find((column) => column.name === columns[index]) as Column).type
  if (database.provider === 'postgresql') {
    const from = 'jsonb_array_elements(CAST(? AS jsonb)) WITH ORDINALITY AS source(value, ord)'
    const cell = (index: number) => `CAST(source.value->>${index} AS ${CELL_TYPES.postgresql[typeOf(index)]})`
    const cells = columns.map((_, index) => cell(index)).join(', ')
    return { from, cell, select: `SELECT ${cells} FROM ${from} ORDER BY source.ord` }
  }
  if (database.provider === 'mysql') {
    const fields = columns.map(
      (_, index) => `c${index} ${CELL_TYPES.mysql[typeOf(index)]} PATH '$[${index}]'`,
    )
    const from = `JSON_TABLE(?, '$[*]' COLUMNS(ord FOR ORDINALITY, ${fields.join(', ')})) AS source`
    const cell = (index: number) => `source.c${index}`
    return {
      from,
      cell,
      select: `SELECT ${columns.map((_, index) => cell(index)).join(', ')} FROM ${from} ORDER BY ord`,
    }
  }
  const from = 'json_each(?) AS source'
  const cell = (index: number) => `json_extract(source.value, '$[${index}]')`
  const cells = columns.map((_, index) => cell(index)).join(', ')
  // Without a WHERE, SQLite takes the ON of ON CONFLICT for a join's.
  return { from, cell, select: `SELECT ${cells} FROM ${from} WHERE true ORDER BY source.key` }
}

function conflictClause(database: Database, table: Table, { add, replace }: OnConflict): string {
  const mysql = database.provider === 'mysql'
  const given = (column: string) => (mysql ? `VALUES("${column}")` : `excluded."${column}"`)
  const standing = (column: string) => `"${table.name}"."${column}"`
  const sets = [
    ...(add ?? []).map((column) => `"${column}" = ${standing(column)} + ${given(column)}`),
    ...(replace ?? []).map((column) => `"${column}" = ${given(column)}`),
  ].join(', ')
  const key = table.primaryKey.map((column) => `"${column}"`).join(', ')
  return mysql ? `ON DUPLICATE KEY UPDATE ${sets}` : `ON CONFLICT (${key}) DO UPDATE SET ${sets}`
}

function* textsOf(columns: readonly string[], rows: readonly Cells[]): Generator<string> {
  let parts: string[] = []
  let length = 0
  for (const row of rows) {
    const part = JSON.stringify(columns.map((column) => jsonCell(row[column])))
    if (parts.length === ROWS_MAX || (parts.length > 0 && length + part.length > TEXT_LENGTH_MAX)) {
      yield `[${parts.join(',')}]`
      parts = []
      length = 0
    }
    parts.push(part)
    length += part.length
  }
  yield `[${parts.join(',')}]`
}

const jsonCell = (value: Cells[string] | undefined) =>
  typeof value === 'boolean' ? Number(value) : (value ?? null)
