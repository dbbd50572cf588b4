import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { Pool, type QueryResult } from 'pg'
import { libsqlAdapter } from './databases.js'
import { adapterModule, type PrismaMajor, ROOTS } from './generate.js'

/** A file of a schema, as the engine takes it. */
export interface SchemaFile {
  readonly path: string
  readonly content: string
}

export interface Pushed {
  /** How many changes it took; 0 when the tables were as the schema says. */
  readonly executedSteps: number
  readonly warnings: readonly string[]
  readonly unexecutable: readonly string[]
}

interface Engine {
  schemaPush(input: {
    force: boolean
    schema: { files: readonly SchemaFile[] }
    filters: Filters
  }): Promise<Pushed>
  free(): void
}

interface Filters {
  readonly externalTables: readonly string[]
  readonly externalEnums: readonly string[]
}

/** The glue around the engine's WebAssembly, as wasm-bindgen writes it. */
interface Glue {
  readonly SchemaEngine: {
    new: (
      options: { datamodels: readonly [string, string][] },
      log: (line: string) => void,
      adapters: unknown,
    ) => Promise<Engine>
  }
  __wbg_set_wasm(exports: WebAssembly.Exports): void
}

/**
 * What `prisma db push` does, by the schema engine that each major's CLI runs, compiled to WebAssembly: the native one is
 * a download, this one is an npm package. PostgreSQL and SQLite.
 */
export async function pushSchema(
  major: PrismaMajor,
  url: string,
  files: readonly SchemaFile[],
): Promise<Pushed> {
  const { factory, end } = adapterAt(major, url)
  const { bindMigrationAwareSqlAdapterFactory } = adapterModule<{
    bindMigrationAwareSqlAdapterFactory(factory: unknown): unknown
  }>(major, '@prisma/driver-adapter-utils')
  const glue = await load(major)
  const engine = await glue.SchemaEngine.new(
    { datamodels: files.map(({ path, content }) => [path, content]) },
    () => {},
    bindMigrationAwareSqlAdapterFactory(factory),
  )
  try {
    return await engine.schemaPush({
      force: false,
      schema: { files },
      filters: { externalTables: [], externalEnums: [] },
    })
  } finally {
    engine.free()
    await end()
  }
}

const loaded = new Map<PrismaMajor, Promise<Glue>>()

function load(major: PrismaMajor): Promise<Glue> {
  const known = loaded.get(major)
  if (known !== undefined) return known
  const loading = instantiate(major)
  loaded.set(major, loading)
  return loading
}

async function instantiate(major: PrismaMajor): Promise<Glue> {
  const script = createRequire(join(ROOTS[major], 'package.json')).resolve(
    '@prisma/schema-engine-wasm/schema_engine_bg',
  )
  const glue = (await import(pathToFileURL(script).href)) as Glue
  const code = readFileSync(join(dirname(script), 'schema_engine_bg.wasm'))
  const { instance } = await WebAssembly.instantiate(code, {
    './schema_engine_bg.js': glue as unknown as WebAssembly.ModuleImports,
  })
  glue.__wbg_set_wasm(instance.exports)
  const start = instance.exports.__wbindgen_start as () => void
  start()
  return glue
}

function adapterAt(major: PrismaMajor, url: string): { factory: unknown; end(): Promise<void> } {
  if (url.startsWith('file:')) return { factory: libsqlAdapter(url, major), end: async () => {} }
  const { PrismaPg } = adapterModule<{ PrismaPg: new (pool: Pool) => unknown }>(major, '@prisma/adapter-pg')
  const pool = cataloguePool(url)
  return { factory: new PrismaPg(pool), end: () => pool.end() }
}

/** PostgreSQL's types of catalogue columns that adapters do not know, and what they know that reads the same. */
const READ_AS: ReadonlyMap<number, number> = new Map([
  [18, 1042], // "char": char(1)
  [19, 25], // name: text
])

function cataloguePool(connectionString: string): Pool {
  const pool = new Pool({ connectionString, max: 2 })
  const query = pool.query.bind(pool) as unknown as (given: unknown) => Promise<QueryResult>
  const queryKnown = async (given: unknown) => {
    const result = await query(given)
    for (const field of result.fields) field.dataTypeID = READ_AS.get(field.dataTypeID) ?? field.dataTypeID
    return result
  }
  return Object.assign(pool, { query: queryKnown })
}
