import { spawn, spawnSync } from 'node:child_process'
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Client } from 'pg'
import { type FoundServer, freePort } from './servers.js'
import { until } from './until.js'

const READY_MS = 20_000
/** PgBouncer refuses to run as root; these are nobody and its group everywhere. */
const NOBODY = { uid: 65_534, gid: 65_534 }

/** A PgBouncer of our own in front of a server, in transaction mode; null (and a printed reason) where there is none. */
export async function startPgBouncer(server: FoundServer, poolSize: number): Promise<FoundServer | null> {
  const binary = ['pgbouncer', '/usr/sbin/pgbouncer'].find(
    (name) => spawnSync(name, ['--version']).status === 0,
  )
  if (binary === undefined) {
    const how = 'install it (Debian: apt-get install pgbouncer)'
    if (process.env.CI === 'true') throw new Error(`no PgBouncer for the tests: ${how}`)
    console.warn(`skipped, there is no PgBouncer: ${how}`)
    return null
  }
  const folder = mkdtempSync(join(tmpdir(), 'genqueue-pgbouncer-'))
  chmodSync(folder, 0o755)
  const port = await freePort()
  const file = join(folder, 'pgbouncer.ini')
  writeFileSync(file, configuration(new URL(server.url), port, poolSize))
  const asNobody = process.getuid?.() === 0 ? NOBODY : {}
  const child = spawn(binary, [file], { cwd: folder, ...asNobody })
  let log = ''
  child.stderr.on('data', (data) => {
    log += data
  })
  const ended = new Promise((resolve) => child.once('close', resolve))
  const url = `postgresql://postgres@127.0.0.1:${port}/postgres`
  const release = async () => {
    child.kill('SIGTERM')
    await ended
    rmSync(folder, { recursive: true, force: true })
  }
  try {
    await until(() => answers(url), READY_MS)
  } catch {
    await release()
    throw new Error(`pgbouncer does not answer:\n${log}`)
  }
  return { url, release }
}

function configuration(
  { hostname, port, username, password }: URL,
  listenPort: number,
  poolSize: number,
): string {
  const secret = password === '' ? '' : ` password=${decodeURIComponent(password)}`
  return `[databases]
* = host=${hostname} port=${port || 5432} user=${decodeURIComponent(username)}${secret}

[pgbouncer]
listen_addr = 127.0.0.1
listen_port = ${listenPort}
unix_socket_dir =
auth_type = any
pool_mode = transaction
default_pool_size = ${poolSize}
max_client_conn = 200
`
}

async function answers(connectionString: string): Promise<boolean> {
  const client = new Client({ connectionString, connectionTimeoutMillis: 2_000 })
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
}
