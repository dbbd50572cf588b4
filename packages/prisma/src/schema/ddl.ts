import { type Column, type ColumnType, type Index, type Provider, TABLES, type Table } from './tables.js'

/** The very types that `prisma db push` gives these columns, so that both ways make the same tables. */
const TYPES: Readonly<Record<Provider, Readonly<Record<ColumnType, string>>>> = {
  postgresql: {
    id: 'SERIAL',
    name: 'TEXT',
    text: 'TEXT',
    integer: 'INTEGER',
    long: 'BIGINT',
    number: 'DOUBLE PRECISION',
    boolean: 'BOOLEAN',
  },
  mysql: {
    id: 'INTEGER',
    name: 'VARCHAR',
    text: 'LONGTEXT',
    integer: 'INTEGER',
    long: 'BIGINT',
    number: 'DOUBLE',
    boolean: 'BOOLEAN',
  },
  sqlite: {
    id: 'INTEGER',
    name: 'TEXT',
    text: 'TEXT',
    integer: 'INTEGER',
    long: 'BIGINT',
    number: 'REAL',
    boolean: 'BOOLEAN',
  },
}

/** Ids that differ in case or in an accent are different ids, and none ends in blanks that do not count. */
export type MysqlCollation = 'utf8mb4_bin' | 'utf8mb4_0900_bin' | 'utf8mb4_nopad_bin'

/** The statements that create what is missing of genqueue's tables, in order; running them again changes nothing. */
export function createStatements(provider: Provider, collation: MysqlCollation = 'utf8mb4_bin'): string[] {
  return TABLES.flatMap((table) =>
    provider === 'mysql'
      ? [mysqlTable(table, collation)]
      : [createTable(table, provider), ...table.indexes.map((index) => createIndex(table, index, provider))],
  )
}

export const indexName = (table: Table, index: Index): string => `${table.name}_${index.name}`

const quote = (provider: Provider, identifier: string) =>
  provider === 'mysql' ? `\`${identifier}\`` : `"${identifier}"`

const quoted = (provider: Provider, columns: readonly string[]) =>
  columns.map((column) => quote(provider, column)).join(', ')

function createTable(table: Table, provider: Provider): string {
  const lines = table.columns.map((column) => columnLine(column, provider))
  const ownKey = provider === 'sqlite' && table.columns.some((column) => column.type === 'id')
  if (!ownKey) {
    const constraint = provider === 'postgresql' ? `CONSTRAINT ${quote(provider, `${table.name}_pkey`)} ` : ''
    lines.push(`${constraint}PRIMARY KEY (${quoted(provider, table.primaryKey)})`)
  }
  return `CREATE TABLE IF NOT EXISTS ${quote(provider, table.name)} (\n  ${lines.join(',\n  ')}\n)`
}

function createIndex(table: Table, index: Index, provider: Provider): string {
  const kind = index.unique ? 'UNIQUE INDEX' : 'INDEX'
  const target = `${quote(provider, table.name)}(${quoted(provider, index.columns)})`
  return `CREATE ${kind} IF NOT EXISTS ${quote(provider, indexName(table, index))} ON ${target}`
}

/** MySQL has no CREATE INDEX IF NOT EXISTS, so the indexes stand in the table. */
function mysqlTable(table: Table, collation: MysqlCollation): string {
  const body = createTable(table, 'mysql').slice(0, -'\n)'.length)
  const indexes = table.indexes.map(
    (index) =>
      `${index.unique ? 'UNIQUE INDEX' : 'INDEX'} ${quote('mysql', indexName(table, index))}(${quoted('mysql', index.columns)})`,
  )
  const lines = [body, ...indexes.map((line) => `  ${line}`)].join(',\n')
  return `${lines}\n) DEFAULT CHARACTER SET utf8mb4 COLLATE ${collation}`
}

function columnLine(column: Column, provider: Provider): string {
  const type = TYPES[provider][column.type]
  const length = provider === 'mysql' && column.type === 'name' ? `(${column.length})` : ''
  const parts = [quote(provider, column.name), `${type}${length}`]
  parts.push(column.optional ? 'NULL' : 'NOT NULL')
  if (column.type === 'id' && provider === 'mysql') parts.push('AUTO_INCREMENT')
  if (column.type === 'id' && provider === 'sqlite') parts.push('PRIMARY KEY AUTOINCREMENT')
  if (column.default !== undefined) parts.push(`DEFAULT ${literal(column.default)}`)
  return parts.join(' ')
}

const literal = (value: number | string | boolean) =>
  typeof value === 'string' ? `'${value}'` : String(value)
