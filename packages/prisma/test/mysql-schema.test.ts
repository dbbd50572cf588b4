import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { migrate } from '@genqueue/prisma'
import { afterAll, describe, expect, it } from 'vitest'
import { mariadbDatabase } from './support/databases.js'
import { findMariadb } from './support/servers.js'
import { structureOf } from './support/structure.js'

const server = await findMariadb()
afterAll(() => server?.release())

/** What Prisma makes of its types on MariaDB. */
const TYPES: Readonly<Record<string, string>> = {
  Int: 'int(11)',
  BigInt: 'bigint(20)',
  Float: 'double',
  Boolean: 'tinyint(1)',
  String: 'varchar(191)',
}
const DEFAULTS: Readonly<Record<string, string>> = {
  'autoincrement()': ' auto_increment',
  '""': " default ''",
  false: ' default 0',
}

/** The lines of `structureOf` that the models of a schema file stand for. */
function structureIn(schema: string): string[] {
  return [...schema.matchAll(/^model (\w+) \{\n([^}]*)\}/gm)].flatMap(([, table, body]) =>
    (body as string).split('\n').flatMap((line) => {
      const text = line.replace(/\/\/\/.*$/, '').trim()
      if (text === '') return []
      return text.startsWith('@@') ? [indexIn(table as string, text)] : columnIn(table as string, text)
    }),
  )
}

function columnIn(table: string, text: string): string[] {
  const [, name, type, optional, attributes] = /^(\w+)\s+(\w+)(\??)\s*(.*)$/.exec(text) ?? []
  const column = `${table}.${name}`
  const native = /@db\.(\w+(?:\(\d+\))?)/.exec(attributes as string)?.[1]?.toLowerCase()
  const initial = /@default\(((?:[^()]|\(\))*)\)/.exec(attributes as string)?.[1]
  const ending = initial === undefined ? '' : (DEFAULTS[initial] ?? ` default ${initial}`)
  const line = `${column} ${native ?? TYPES[type as string]}${optional ? ' default NULL' : ' not null'}${ending}`
  return /@id\b/.test(attributes as string) ? [line, `${table} unique PRIMARY ${name}`] : [line]
}

function indexIn(table: string, text: string): string {
  const [, kind, columns, name] = /^@@(id|unique|index)\(\[([^\]]*)\](?:, map: "(\w+)")?\)$/.exec(text) ?? []
  const listed = (columns as string).replaceAll(' ', '')
  return `${table} ${kind === 'index' ? 'index' : 'unique'} ${name ?? 'PRIMARY'} ${listed}`
}

describe.skipIf(server === null)('the shipped SQL on MariaDB', () => {
  // Prisma's engine compiled to WebAssembly does not speak MySQL, so the schema file is read here.
  it('makes the columns and indexes that the shipped schema file names', async () => {
    const database = await mariadbDatabase(server?.url ?? '')
    try {
      const client = await database.connect()
      await migrate(client)
      const schema = readFileSync(join(import.meta.dirname, '../schema/mysql.prisma'), 'utf8')
      const expected = structureIn(schema)
      expect(expected).toContain('GenerationQueue.progress double default NULL')
      expect((await structureOf(client, 'mysql')).sort()).toEqual(expected.sort())
      await client.$disconnect()
    } finally {
      await database.drop()
    }
  })
})
