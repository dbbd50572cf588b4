import { createRequire } from 'node:module'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { PrismaLike, RawClient } from '../client.js'
import type { Provider } from '../schema/tables.js'
import { CliError, UsageError } from './usage.js'

/** A connection of the app's own driver in the shape of a client. */
export interface Connection {
  readonly client: PrismaLike
  readonly provider: Provider
  end(): Promise<void>
}

export async function connect(cwd: string, url: string): Promise<Connection> {
  if (/^(postgres|postgresql):/.test(url)) return connectPostgres(cwd, url)
  if (/^(mysql|mariadb):/.test(url)) return connectMysql(cwd, url)
  if (/^(file|libsql):/.test(url)) return connectSqlite(cwd, url)
  throw new UsageError(
    'the URL must begin with postgresql:, mysql:, mariadb:, file: or libsql: (--url or DATABASE_URL)',
  )
}

/** One connection, so the transaction is a matter of what is sent over it. */
function clientOf(
  query: (sql: string, values: unknown[]) => Promise<unknown[]>,
  [begin, commit, rollback]: readonly [string, string, string],
): PrismaLike {
  const raw: RawClient = {
    $queryRawUnsafe: async <Result>(sql: string, ...values: unknown[]) =>
      (await query(sql, values)) as Result,
    $executeRawUnsafe: async (sql, ...values) => (await query(sql, values)).length,
  }
  return {
    ...raw,
    async $transaction(body) {
      await query(begin, [])
      try {
        const result = await body(raw)
        await query(commit, [])
        return result
      } catch (error) {
        await query(rollback, []).catch(() => {})
        throw error
      }
    },
  }
}

const PLAIN = ['BEGIN', 'COMMIT', 'ROLLBACK'] as const

/** The app's own copy of a driver, or one that its Prisma adapter brings. */
async function driver<Module>(
  cwd: string,
  names: readonly string[],
  throughs: readonly string[],
): Promise<Module> {
  const app = createRequire(join(cwd, 'package.json'))
  const places = [app, ...throughs.flatMap((name) => resolved(app, name).map((path) => createRequire(path)))]
  for (const name of names) {
    for (const place of places) {
      const [path] = resolved(place, name)
      if (path === undefined) continue
      const module = (await import(pathToFileURL(path).href)) as { default?: Module }
      return module.default ?? (module as Module)
    }
  }
  throw new CliError(
    `none of ${names.join(', ')} is installed here; install one, or call migrate(prisma) of @genqueue/prisma`,
  )
}

function resolved(from: NodeJS.Require, name: string): string[] {
  try {
    return [from.resolve(name)]
  } catch {
    return []
  }
}

async function connectPostgres(cwd: string, url: string): Promise<Connection> {
  interface Pg {
    Client: new (
      options: object,
    ) => {
      connect(): Promise<void>
      end(): Promise<void>
      query(sql: string, values: unknown[]): Promise<{ rows: unknown[] }>
    }
  }
  const { Client } = await driver<Pg>(cwd, ['pg'], ['@prisma/adapter-pg'])
  const schema = new URL(url).searchParams.get('schema')
  const client = new Client({
    connectionString: url,
    ...(schema === null ? {} : { options: `-c search_path=${schema}` }),
  })
  await client.connect()
  const query = async (sql: string, values: unknown[]) => (await client.query(sql, values)).rows
  return { client: clientOf(query, PLAIN), provider: 'postgresql', end: () => client.end() }
}

async function connectMysql(cwd: string, url: string): Promise<Connection> {
  interface Mariadb {
    createConnection(url: string): Promise<{
      query(sql: string, values: unknown[]): Promise<unknown>
      end(): Promise<void>
    }>
  }
  const mariadb = await driver<Mariadb>(cwd, ['mariadb'], ['@prisma/adapter-mariadb'])
  const connection = await mariadb.createConnection(url.replace(/^mysql:/, 'mariadb:'))
  const query = async (sql: string, values: unknown[]) => {
    const result = await connection.query(sql, values)
    return Array.isArray(result) ? result : []
  }
  return { client: clientOf(query, PLAIN), provider: 'mysql', end: () => connection.end() }
}

async function connectSqlite(cwd: string, url: string): Promise<Connection> {
  interface Libsql {
    createClient(options: { url: string }): {
      execute(statement: { sql: string; args: unknown[] }): Promise<{ rows: unknown[] }>
      close(): void
    }
  }
  const { createClient } = await driver<Libsql>(cwd, ['@libsql/client'], ['@prisma/adapter-libsql'])
  const client = createClient({ url })
  const query = async (sql: string, args: unknown[]) => (await client.execute({ sql, args })).rows
  return {
    client: clientOf(query, PLAIN),
    provider: 'sqlite',
    end: async () => client.close(),
  }
}
