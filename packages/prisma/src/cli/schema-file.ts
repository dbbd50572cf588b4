import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { join, relative } from 'node:path'
import { PROVIDERS, type Provider, type Table } from '../schema/tables.js'
import { CliError, UsageError } from './usage.js'

/** A Prisma schema on disk: one file, or all .prisma files of a folder. */
export interface SchemaFiles {
  readonly path: string
  readonly isFolder: boolean
  readonly files: readonly { readonly path: string; readonly text: string }[]
}

const DEFAULTS = ['prisma/schema.prisma', 'schema.prisma', 'prisma/schema', 'prisma']

export function findSchema(cwd: string, named: string | undefined): SchemaFiles {
  const candidates = named !== undefined ? [named] : [...fromPackage(cwd), ...DEFAULTS]
  for (const candidate of candidates) {
    const path = join(cwd, candidate)
    const files = existsSync(path) ? filesAt(path) : []
    if (files.length > 0) {
      return {
        path,
        isFolder: statSync(path).isDirectory(),
        files: files.map((file) => ({ path: file, text: readFileSync(file, 'utf8') })),
      }
    }
  }
  const looked = candidates.join(', ')
  throw new UsageError(`no Prisma schema at ${looked}; name it with --schema PATH, or run: npx prisma init`)
}

function filesAt(path: string): string[] {
  if (!statSync(path).isDirectory()) return [path]
  return readdirSync(path, { recursive: true })
    .map(String)
    .filter((name) => name.endsWith('.prisma') && !name.startsWith('migrations'))
    .sort()
    .map((name) => join(path, name))
}

function fromPackage(cwd: string): string[] {
  const path = join(cwd, 'package.json')
  if (!existsSync(path)) return []
  const { prisma } = JSON.parse(readFileSync(path, 'utf8')) as { prisma?: { schema?: unknown } }
  return typeof prisma?.schema === 'string' ? [prisma.schema] : []
}

/** The database of the schema's datasource. */
export function providerIn({ files, path }: SchemaFiles): Provider {
  for (const { text } of files) {
    const block = /^\s*datasource\s+\w+\s*\{([^}]*)\}/m.exec(withoutComments(text))
    if (block === null) continue
    const named = /^\s*provider\s*=\s*"([^"]+)"/m.exec(block[1] as string)?.[1]
    const provider = named === 'postgres' ? 'postgresql' : named
    if (PROVIDERS.some((known) => known === provider)) return provider as Provider
    throw new CliError(
      `the datasource's provider is ${JSON.stringify(named)}; genqueue runs on ${PROVIDERS.join(', ')}`,
    )
  }
  throw new CliError(`there is no datasource in ${relative(process.cwd(), path)}; add one first`)
}

const withoutComments = (text: string) => text.replace(/\/\/.*$/gm, '')

export interface FoundModel {
  readonly file: string
  /** Its fields with their types, as written: `userId String`. */
  readonly fields: ReadonlyMap<string, string>
}

/** The schema's model of this name, and which fields it has. */
export function findModel({ files }: SchemaFiles, name: string): FoundModel | null {
  for (const { path, text } of files) {
    const block = new RegExp(`^[ \\t]*model[ \\t]+${name}[ \\t]*\\{([^}]*)\\}`, 'm').exec(
      withoutComments(text),
    )
    if (block === null) continue
    const fields = new Map<string, string>()
    for (const line of (block[1] as string).split('\n')) {
      const [, field, type] = /^\s*(\w+)\s+(\w+(?:\?|\[\])?)/.exec(line) ?? []
      if (field !== undefined && type !== undefined) fields.set(field, type)
    }
    return { file: path, fields }
  }
  return null
}

/** Names of the table's columns that the model lacks; it may well have more. */
export const lacking = (model: FoundModel, table: Table): string[] =>
  table.columns.map((column) => column.name).filter((name) => !model.fields.has(name))
