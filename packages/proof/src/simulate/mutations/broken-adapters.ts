import { migrate, type PrismaLike, prismaStorage, type RawClient } from '@genqueue/prisma'
import { type RedisClient, redisStorage } from '@genqueue/redis'
import { PrismaLibSql } from '@prisma/adapter-libsql'
import { PrismaPg } from '@prisma/adapter-pg'
import { Redis } from 'ioredis'
import type { Opened } from '../../chaos/library/open.js'
import { appClient } from '../../chaos/library/prisma-client.js'
import type { Place } from '../../chaos/storages.js'
import type { Grounds } from '../grounds/ground.js'
import { serverGrounds } from '../grounds/servers.js'
import type { AdapterMutant } from './adapters.js'

/** Grounds on which every process has the same adapter, broken in whatever way it is told to be. */
export interface BrokenAdapter extends Grounds {
  breakBy(mutant: AdapterMutant): void
  /** Whether the text that is to be changed was ever sent. */
  met(): boolean
}

/** Changes texts, and remembers whether it ever found what it changes. */
class Editor {
  found = false
  mutant: AdapterMutant | undefined

  edit(text: string): string {
    if (this.mutant === undefined) return text
    const { find, put } = this.mutant
    const edited = text.replaceAll(find, () => put)
    this.found ||= edited !== text
    return edited
  }
}

const OPEN: Readonly<
  Record<AdapterMutant['adapter'], (editor: Editor) => (place: Place) => Promise<Opened>>
> = {
  redis:
    (editor) =>
    async ({ port }) => {
      const client = new Redis(port, HOST)
      const storage = redisStorage({ client: editedClient(client, editor), warn: () => {} })
      return { storage, close: async () => client.disconnect() }
    },
  postgres:
    (editor) =>
    ({ port }) => {
      const connectionString = `postgresql://postgres@${HOST}:${port}/postgres`
      return openEdited('postgresql', new PrismaPg({ connectionString, max: 2 }), editor)
    },
  sqlite:
    (editor) =>
    ({ folder }) =>
      openEdited('sqlite', new PrismaLibSql({ url: `file:${folder}/chaos.db` }), editor),
}

const HOST = '127.0.0.1'

export async function brokenAdapter(adapter: AdapterMutant['adapter']): Promise<BrokenAdapter> {
  const editor = new Editor()
  const grounds = await serverGrounds(adapter, OPEN[adapter](editor))
  return {
    ...grounds,
    breakBy(mutant) {
      editor.mutant = mutant
      editor.found = false
    },
    met: () => editor.found,
  }
}

async function openEdited(
  provider: 'postgresql' | 'sqlite',
  adapter: unknown,
  editor: Editor,
): Promise<Opened> {
  const client = await appClient(provider, adapter)
  await migrate(client)
  const storage = prismaStorage(editedSql(client, editor), { provider })
  return { storage, close: () => client.$disconnect() }
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

const editedStatements = (client: RawClient, editor: Editor): RawClient => ({
  $queryRawUnsafe: (sql, ...values) => client.$queryRawUnsafe(editor.edit(sql), ...values),
  $executeRawUnsafe: (sql, ...values) => client.$executeRawUnsafe(editor.edit(sql), ...values),
})

const editedSql = (client: PrismaLike, editor: Editor): PrismaLike => ({
  ...editedStatements(client, editor),
  $transaction: (body, options) =>
    client.$transaction((transaction) => body(editedStatements(transaction, editor)), options),
})
