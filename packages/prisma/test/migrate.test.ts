import { migrate, prismaStorage } from '@genqueue/prisma'
import { afterAll, describe, expect, it } from 'vitest'
import { mariadbDatabase, postgresDatabase, sqliteDatabase, type TestDatabase } from './support/databases.js'
import { findMariadb, findPostgres } from './support/servers.js'

const postgres = await findPostgres()
const mariadb = await findMariadb()
afterAll(() => Promise.all([postgres?.release(), mariadb?.release()]))

const ON: readonly { name: string; open: (() => Promise<TestDatabase>) | null }[] = [
  { name: 'SQLite', open: () => sqliteDatabase() },
  { name: 'PostgreSQL', open: postgres && (() => postgresDatabase(postgres.url)) },
  { name: 'MariaDB', open: mariadb && (() => mariadbDatabase(mariadb.url)) },
]
const AT_ONCE = 4

for (const { name, open } of ON) {
  describe.skipIf(open === null)(`migrate on ${name}`, () => {
    it('may run several times at once, and again', async () => {
      const database = await (open as () => Promise<TestDatabase>)()
      try {
        const clients = await Promise.all(Array.from({ length: AT_ONCE }, () => database.connect()))
        await Promise.all(clients.map((client) => migrate(client)))
        await migrate(clients[0] as (typeof clients)[number])
        await prismaStorage(clients[1] as (typeof clients)[number]).open()
        await Promise.all(clients.map((client) => client.$disconnect()))
      } finally {
        await database.drop()
      }
    })

    it('is asked for by name when the tables are missing', async () => {
      const database = await (open as () => Promise<TestDatabase>)()
      try {
        const client = await database.connect()
        await expect(prismaStorage(client).open()).rejects.toThrow(/npx genqueue-prisma migrate/)
        await client.$disconnect()
      } finally {
        await database.drop()
      }
    })
  })
}

describe.skipIf(mariadb === null)('on MariaDB, tables that take "a" and "A" for the same', () => {
  it('are refused by name, and converted by migrate', async () => {
    const database = await mariadbDatabase(mariadb?.url ?? '')
    try {
      const client = await database.connect()
      await migrate(client)
      await client.$executeRawUnsafe(
        'ALTER TABLE `Ticket` CONVERT TO CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci',
      )
      await expect(prismaStorage(client).open()).rejects.toThrow(/collation of Ticket/)
      await migrate(client)
      await prismaStorage(client).open()
      await client.$disconnect()
    } finally {
      await database.drop()
    }
  })
})
