import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { chmodSync, existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as mariadb from 'mariadb'
import { Client } from 'pg'

const READY_MS = 60_000

/** A server that the tests may use, and how to leave it as it was. */
export interface FoundServer {
  readonly url: string
  release(): Promise<void>
}

/** A server of our own on a free port of loopback; its files go with it. */
export interface OwnServer extends FoundServer {
  readonly port: number
  /** `immediate`: as a crash would, without a last write. */
  stop(how: 'fast' | 'immediate'): Promise<void>
  start(): Promise<void>
}

interface Kind {
  readonly label: string
  readonly variable: string
  readonly local: string
  readonly debian: string
  answers(url: string): Promise<boolean>
  own(): Promise<OwnServer | null>
}

const POSTGRES: Kind = {
  label: 'PostgreSQL',
  variable: 'POSTGRES_URL',
  local: 'postgresql://postgres@127.0.0.1:5432/postgres',
  debian: 'postgresql',
  answers: async (url) => {
    const client = new Client({ connectionString: url, connectionTimeoutMillis: 2_000 })
    client.on('error', () => {})
    try {
      await client.connect()
      await client.query('SELECT 1')
      return true
    } catch {
      return false
    } finally {
      await client.end().catch(() => {})
    }
  },
  own: startPostgres,
}

const MARIADB: Kind = {
  label: 'MariaDB',
  variable: 'MYSQL_URL',
  local: 'mariadb://root@127.0.0.1:3306/mysql',
  debian: 'mariadb-server',
  answers: async (url) => {
    try {
      const connection = await mariadb.createConnection(
        `${url.replace(/^mysql:/, 'mariadb:')}?connectTimeout=2000`,
      )
      await connection.query('SELECT 1')
      await connection.end()
      return true
    } catch {
      return false
    }
  },
  own: startMariadb,
}

export const findPostgres = (): Promise<FoundServer | null> => find(POSTGRES)
export const findMariadb = (): Promise<FoundServer | null> => find(MARIADB)

/** The variable, then the standard port, then one started here; null (and a printed reason) when there is none. */
async function find(kind: Kind): Promise<FoundServer | null> {
  const release = async () => {}
  const named = process.env[kind.variable]
  if (named !== undefined) return { url: named, release }
  if (await kind.answers(kind.local)) return { url: kind.local, release }
  const own = await kind.own()
  if (own !== null) return own
  const how = `set ${kind.variable}, start one on its standard port, or install one (Debian: apt-get install ${kind.debian})`
  if (process.env.CI === 'true') throw new Error(`no ${kind.label} for the tests: ${how}`)
  console.warn(`skipped, there is no ${kind.label}: ${how}`)
  return null
}

export async function startPostgres(settings: readonly string[] = []): Promise<OwnServer | null> {
  const bin = postgresBinaries()
  if (bin === null) return null
  const folder = mkdtempSync(join(tmpdir(), 'genqueue-postgres-'))
  chmodSync(folder, 0o755)
  const data = join(folder, 'data')
  // PostgreSQL refuses to run as root.
  const owner = process.getuid?.() === 0 ? ['runuser', '-u', 'postgres', '--'] : []
  const run = (args: readonly string[]) => {
    const [command, ...rest] = [...owner, ...args] as [string, ...string[]]
    const { status, stderr } = spawnSync(command, rest, { cwd: folder, encoding: 'utf8' })
    if (status !== 0) throw new Error(`${args[0]} ended with ${status}: ${stderr}`)
  }
  if (owner.length > 0) spawnSync('chown', ['postgres', folder])
  run([join(bin, 'initdb'), '-D', data, '-U', 'postgres', '-A', 'trust', '-E', 'UTF8', '--no-sync'])
  const port = await freePort()
  const options = [`-p ${port}`, `-c listen_addresses=127.0.0.1`, `-c unix_socket_directories=${folder}`]
  const all = [...options, ...settings.map((setting) => `-c ${setting}`)].join(' ')
  const control = (...args: string[]) =>
    run([join(bin, 'pg_ctl'), '-D', data, '-w', '-l', join(folder, 'log'), ...args])
  const start = async () => control('-o', all, 'start')
  const stop = async (how: 'fast' | 'immediate') => control('-m', how, 'stop')
  await start()
  return {
    url: `postgresql://postgres@127.0.0.1:${port}/postgres`,
    port,
    start,
    stop,
    async release() {
      await stop('immediate').catch(() => {})
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

function postgresBinaries(): string | null {
  const root = '/usr/lib/postgresql'
  const installed = existsSync(root) ? readdirSync(root).sort((a, b) => Number(b) - Number(a)) : []
  const version = installed.find((name) => existsSync(join(root, name, 'bin/initdb')))
  return version === undefined ? null : join(root, version, 'bin')
}

export async function startMariadb(): Promise<OwnServer | null> {
  const server = ['mariadbd', '/usr/sbin/mariadbd'].find(
    (name) => spawnSync(name, ['--version']).status === 0,
  )
  if (server === undefined) return null
  const folder = mkdtempSync(join(tmpdir(), 'genqueue-mariadb-'))
  const asRoot = process.getuid?.() === 0 ? ['--user=root'] : []
  const installed = spawnSync(
    'mariadb-install-db',
    [...asRoot, `--datadir=${folder}/data`, '--auth-root-authentication-method=normal'],
    { encoding: 'utf8' },
  )
  if (installed.status !== 0) throw new Error(`mariadb-install-db: ${installed.stderr}`)
  const port = await freePort()
  const url = `mariadb://root@127.0.0.1:${port}/mysql`
  let child: ChildProcess | undefined
  const start = async () => {
    child = spawn(server, [
      '--no-defaults',
      ...asRoot,
      `--datadir=${folder}/data`,
      `--socket=${folder}/socket`,
      `--port=${port}`,
      '--bind-address=127.0.0.1',
    ])
    const giveUpAt = Date.now() + READY_MS
    while (!(await MARIADB.answers(url))) {
      if (Date.now() > giveUpAt) throw new Error('mariadbd did not answer in time')
      await new Promise((resolve) => setTimeout(resolve, 100))
    }
  }
  const stop = async (how: 'fast' | 'immediate') => {
    const ended = new Promise((resolve) => child?.once('close', resolve))
    child?.kill(how === 'immediate' ? 'SIGKILL' : 'SIGTERM')
    await ended
  }
  await start()
  return {
    url,
    port,
    start,
    stop,
    async release() {
      await stop('immediate')
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer()
    server.on('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0))
    })
  })
}
