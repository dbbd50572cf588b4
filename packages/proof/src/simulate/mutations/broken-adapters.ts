import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { migrate, type PrismaLike, prismaStorage, type RawClient } from '@genqueue/prisma'
import { type RedisClient, redisStorage } from '@genqueue/redis'
import { PrismaLibSql } from '@prisma/adapter-libsql'
import { Redis } from 'ioredis'
import { type AppClient, appClient } from '../../chaos/library/prisma-client.js'
import { STORAGES } from '../../chaos/storages.js'
import type { Grounds } from '../grounds/ground.js'
import { PROCESSES_MAX } from '../world/setting.js'
import type { AdapterMutant } from './adapters.js'

/** Changes texts, and remembers whether it ever found what it changes. */
class Editor {
  found = false
  readonly #mutant: AdapterMutant

  constructor(mutant: AdapterMutant) {
    this.#mutant = mutant
  }

  edit(text: string): string {
    const { find, put } = this.#mutant
    if (!text.includes(find)) return text
    this.found = true
    return text.replaceAll(find, () => put)
  }
}

/** Grounds on which every process has the broken adapter, and what says whether the break was ever met. */
export async function brokenGrounds(mutant: AdapterMutant): Promise<Grounds & { met(): boolean }> {
  const editor = new Editor(mutant)
  const folder = mkdtempSync(join(tmpdir(), 'genqueue-mutant-'))
  const made = mutant.adapter === 'redis' ? await brokenRedis(editor, folder) : brokenSqlite(editor, folder)
  return {
    ...made,
    met: () => editor.found,
    async destroy() {
      await made.destroy()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

async function brokenRedis(editor: Editor, folder: string): Promise<Grounds> {
  const server = await STORAGES.redis.server(folder)
  await server.start()
  const place = { port: server.port, folder }
  return {
    label: 'Redis',
    async fresh() {
      const clients = Array.from({ length: PROCESSES_MAX }, () => new Redis(server.port, '127.0.0.1'))
      await clients[0]?.flushall()
      const handles = clients.map((client) =>
        redisStorage({ client: editedClient(client, editor), warn: () => {} }),
      )
      for (const storage of handles) await storage.open()
      const evidence = STORAGES.redis.evidence(place)
      return {
        handles,
        evidence,
        async close() {
          await evidence.close()
          await Promise.all(handles.map((storage) => storage.close()))
          for (const client of clients) client.disconnect()
        },
      }
    },
    destroy: () => server.destroy(),
  }
}

/** Never finds a script by its digest, so that every one is sent whole and can be changed. */
function editedClient(client: Redis, editor: Editor): RedisClient {
  return {
    get status() {
      return client.status
    },
    callBuffer(command, ...args) {
      if (command === 'evalsha') return Promise.reject(new Error('NOSCRIPT by the simulator'))
      const [script, ...rest] = args
      if (command !== 'eval') return client.callBuffer(command, ...args)
      return client.callBuffer(command, editor.edit(String(script)), ...rest)
    },
    connect: () => client.connect(),
    duplicate: () => editedClient(client.duplicate(), editor),
    subscribe: (...channels) => client.subscribe(...channels),
    on: (event, listener) => client.on(event, listener),
    off: (event, listener) => client.off(event, listener),
    quit: () => client.quit(),
    disconnect: () => client.disconnect(),
  }
}

function brokenSqlite(editor: Editor, folder: string): Grounds {
  let runs = 0
  return {
    label: 'SQLite',
    async fresh() {
      runs += 1
      const place = { port: 0, folder: mkdtempSync(join(folder, `run-${runs}-`)) }
      const url = `file:${join(place.folder, 'chaos.db')}`
      const clients: AppClient[] = []
      for (let i = 0; i < PROCESSES_MAX; i++)
        clients.push(await appClient('sqlite', new PrismaLibSql({ url })))
      const [first] = clients
      if (first !== undefined) await migrate(first)
      const handles = clients.map((client) =>
        prismaStorage(editedSql(client, editor), { provider: 'sqlite' }),
      )
      const evidence = STORAGES.sqlite.evidence(place)
      return {
        handles,
        evidence,
        async close() {
          await evidence.close()
          await Promise.all(clients.map((client) => client.$disconnect()))
        },
      }
    },
    destroy: async () => {},
  }
}

const editedStatements = (client: RawClient, editor: Editor): RawClient => ({
  $queryRawUnsafe: (sql, ...values) => client.$queryRawUnsafe(editor.edit(sql), ...values),
  $executeRawUnsafe: (sql, ...values) => client.$executeRawUnsafe(editor.edit(sql), ...values),
})

const editedSql = (client: PrismaLike, editor: Editor): PrismaLike => ({
  ...editedStatements(client, editor),
  $transaction: (body, options) =>
    client.$transaction((transaction) => body(editedStatements(transaction, editor)), options),
})
