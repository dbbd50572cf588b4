import { indexName } from './ddl.js'
import { type Column, type ColumnType, type Index, type Provider, TABLES, type Table } from './tables.js'

const FIELD_TYPES: Readonly<Record<ColumnType, string>> = {
  id: 'Int',
  name: 'String',
  text: 'String',
  integer: 'Int',
  long: 'BigInt',
  number: 'Float',
  boolean: 'Boolean',
}

/** The models of genqueue as they stand in a Prisma schema for this provider. */
export function prismaModels(provider: Provider): string {
  return TABLES.map((table) => prismaModel(table, provider)).join('\n')
}

export function prismaModel(table: Table, provider: Provider): string {
  const rows = table.columns.map((column) => fieldOf(table, column, provider))
  const widths = [0, 1].map((at) => Math.max(...rows.map((row) => (row[at] as string).length)))
  const fields = rows.map(([field, type, rest]) =>
    `  ${(field as string).padEnd(widths[0] as number)} ${(type as string).padEnd(widths[1] as number)} ${rest}`.trimEnd(),
  )
  const blocks = blockLines(table)
  return [
    `/// ${table.comment}`,
    `model ${table.name} {`,
    ...fields,
    ...(blocks.length === 0 ? [] : ['', ...blocks]),
    '}',
    '',
  ].join('\n')
}

function fieldOf(table: Table, column: Column, provider: Provider): [string, string, string] {
  const attributes: string[] = []
  if (table.primaryKey.length === 1 && table.primaryKey[0] === column.name) attributes.push('@id')
  if (column.type === 'id') attributes.push('@default(autoincrement())')
  if (column.default !== undefined) attributes.push(`@default(${JSON.stringify(column.default)})`)
  const native = nativeType(column, provider)
  if (native !== null) attributes.push(native)
  if (column.comment !== undefined) attributes.push(`/// ${column.comment}`)
  return [column.name, `${FIELD_TYPES[column.type]}${column.optional ? '?' : ''}`, attributes.join(' ')]
}

/** Where Prisma's own choice for a String is too short. */
function nativeType(column: Column, provider: Provider): string | null {
  if (provider !== 'mysql') return null
  if (column.type === 'text') return '@db.LongText'
  return column.type === 'name' ? `@db.VarChar(${column.length})` : null
}

function blockLines(table: Table): string[] {
  const key = table.primaryKey.length > 1 ? [`  @@id([${table.primaryKey.join(', ')}])`] : []
  return [...key, ...table.indexes.map((index) => blockLine(table, index))]
}

const blockLine = (table: Table, index: Index) =>
  `  ${index.unique ? '@@unique' : '@@index'}([${index.columns.join(', ')}], map: "${indexName(table, index)}")`
