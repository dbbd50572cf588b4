import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Redis } from 'ioredis'
import * as mariadb from 'mariadb'
import pg from 'pg'
import type { Opened } from '../../chaos/library/open.js'
import { type Place, STORAGES, type StorageName } from '../../chaos/storages.js'
import { PROCESSES_MAX } from '../world/setting.js'
import type { Grounds } from './ground.js'

const HOST = '127.0.0.1'

/** Empties what a run left behind, with a plain driver. Every server is the simulator's own. */
const EMPTY: Readonly<Record<StorageName, (place: Place) => Promise<void>>> = {
  async redis({ port }) {
    const client = new Redis(port, HOST)
    await client.flushall()
    client.disconnect()
  },
  async postgres({ port }) {
    const client = new pg.Client({ host: HOST, port, user: 'postgres', database: 'postgres' })
    await client.connect()
    await client.query('DROP SCHEMA public CASCADE')
    await client.query('CREATE SCHEMA public')
    await client.end()
  },
  async mysql({ port }) {
    const connection = await mariadb.createConnection({ host: HOST, port, user: 'root' })
    await connection.query('DROP DATABASE IF EXISTS test')
    await connection.query('CREATE DATABASE test')
    await connection.end()
  },
  async sqlite({ folder }) {
    rmSync(folder, { recursive: true, force: true })
    mkdirSync(folder, { recursive: true })
  },
}

/**
 * A server of its own for all runs, and for each of them an empty database with a client for every process; `open` makes
 * another client than an app would.
 */
export async function serverGrounds(
  name: StorageName,
  open: (place: Place) => Promise<Opened> = STORAGES[name].open,
): Promise<Grounds> {
  const kind = STORAGES[name]
  const folder = mkdtempSync(join(tmpdir(), 'genqueue-simulate-'))
  const server = kind.server === null ? null : await kind.server(folder)
  await server?.start()
  const place: Place = { port: server?.port ?? 0, folder: join(folder, 'database') }
  mkdirSync(place.folder, { recursive: true })
  return {
    label: kind.label,
    async fresh() {
      await EMPTY[name](place)
      const opened: Opened[] = []
      for (let i = 0; i < PROCESSES_MAX; i++) opened.push(await open(place))
      const evidence = kind.evidence(place)
      const handles = opened.map(({ storage }) => storage)
      for (const storage of handles) await storage.open()
      return {
        handles,
        evidence,
        async close() {
          await evidence.close()
          await Promise.all(handles.map((storage) => storage.close()))
          await Promise.all(opened.map((one) => one.close()))
        },
      }
    },
    async destroy() {
      await server?.destroy()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}
