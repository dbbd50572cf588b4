import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { migrate } from '../migrate.js'
import { createStatements } from '../schema/ddl.js'
import { PROVIDERS, type Provider, TABLES } from '../schema/tables.js'
import { connect } from './drivers.js'
import { UsageError } from './usage.js'

export interface MigrateOptions {
  readonly cwd: string
  readonly url: string | undefined
  readonly provider: string | undefined
  readonly onlyPrint: boolean
  readonly print: (line: string) => void
}

/** Runs the shipped SQL on the database of a URL, through the app's own driver. */
export async function migrateUrl(options: MigrateOptions): Promise<void> {
  const { cwd, print } = options
  const named = options.provider === undefined ? undefined : knownProvider(options.provider)
  if (options.onlyPrint) {
    const provider = named ?? providerOfUrl(urlOf(options))
    for (const statement of createStatements(provider)) print(`${statement};\n`)
    return
  }
  const connection = await connect(cwd, urlOf(options))
  try {
    await migrate(connection.client, { provider: connection.provider })
  } finally {
    await connection.end()
  }
  print(`genqueue's ${TABLES.length} tables are there (${connection.provider})`)
}

function urlOf({ cwd, url }: MigrateOptions): string {
  if (url !== undefined) return url
  const file = join(cwd, '.env')
  if (process.env.DATABASE_URL === undefined && existsSync(file)) process.loadEnvFile(file)
  const found = process.env.DATABASE_URL
  if (found !== undefined) return found
  throw new UsageError('no database: pass --url URL or set DATABASE_URL')
}

function knownProvider(named: string): Provider {
  const known = PROVIDERS.find((provider) => provider === named)
  if (known === undefined) throw new UsageError(`--provider is one of ${PROVIDERS.join(', ')}`)
  return known
}

const providerOfUrl = (url: string): Provider =>
  /^(mysql|mariadb):/.test(url) ? 'mysql' : /^(file|libsql):/.test(url) ? 'sqlite' : 'postgresql'
