import { readFileSync } from 'node:fs'
import { Redis } from 'ioredis'
import * as mariadb from 'mariadb'
import pg from 'pg'
import type { StorageName } from '../chaos/storages.js'

const INSTALLED = new URL('../../node_modules/', import.meta.url)

/** `name 1.2.3`, as it is installed here. */
export function packageVersion(name: string): string {
  const { version } = JSON.parse(readFileSync(new URL(`${name}/package.json`, INSTALLED), 'utf8')) as {
    version: string
  }
  return `${name} ${version}`
}

/** Of the server that a run used; SQLite has none. */
export function serverVersion(storage: StorageName, port: number): Promise<string> {
  return VERSIONS[storage](port)
}

const VERSIONS: Readonly<Record<StorageName, (port: number) => Promise<string>>> = {
  async redis(port) {
    const client = new Redis(port, '127.0.0.1')
    const info = await client.info('server')
    client.disconnect()
    return `Redis ${/^redis_version:(\S+)/m.exec(info)?.[1]}`
  },
  async postgres(port) {
    const client = new pg.Client({ host: '127.0.0.1', port, user: 'postgres', database: 'postgres' })
    await client.connect()
    const { rows } = await client.query<{ server_version: string }>('SHOW server_version')
    await client.end()
    return `PostgreSQL ${rows[0]?.server_version.split(' ')[0]}`
  },
  async mysql(port) {
    const connection = await mariadb.createConnection({ host: '127.0.0.1', port, user: 'root' })
    const [row] = await connection.query<[{ version: string }]>('SELECT VERSION() AS version')
    await connection.end()
    return `MariaDB ${row.version.split('-')[0]}`
  },
  sqlite: async () => 'SQLite',
}
