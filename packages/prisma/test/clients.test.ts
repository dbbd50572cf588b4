import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createQueue } from '@genqueue/core'
import { migrate, type PrismaLike, type Provider, prismaStorage } from '@genqueue/prisma'
import { afterAll, afterEach, describe, expect, it } from 'vitest'
import {
  generatedModuleClient,
  postgresDatabase,
  sqliteDatabase,
  type TestDatabase,
} from './support/databases.js'
import { generatedFolder } from './support/generate.js'
import { findPostgres } from './support/servers.js'
import { typeErrors } from './support/type-errors.js'

const postgres = await findPostgres()
afterAll(() => postgres?.release())

const databases: TestDatabase[] = []
afterEach(async () => {
  for (const database of databases.splice(0)) await database.drop()
})
const opened = (database: TestDatabase): TestDatabase => {
  databases.push(database)
  return database
}

const request = { userId: 'ada', modelId: 'flux-2-pro', prompt: 'a lighthouse' }

/** Migrates, and lives through what uses every way of a client: statements, transactions, and one of the app's own. */
async function liveOn(client: PrismaLike, options: { provider?: Provider } = {}) {
  await migrate(client, options)
  const queue = createQueue({ storage: prismaStorage(client, options) })
  await queue.tickets.grant('ada', 10)
  const { queueId } = await queue.enqueue(request)
  await queue.start(queueId)
  await queue.complete(queueId, 'https://img.example/x.png')
  await client.$transaction(async (tx) => queue.using(tx).enqueue(request))
  expect(await queue.stats()).toMatchObject({ completed: 1, queued: 1 })
  expect(await queue.tickets.account('ada')).toMatchObject({ balance: 9, reserved: 1 })
  expect(await queue.verify()).toMatchObject({ ok: true, findings: [] })
  await queue.close()
}

const SQLITE = { name: 'SQLite', open: (major: 6 | 7) => sqliteDatabase({ major }) }
const POSTGRESQL = {
  name: 'PostgreSQL',
  open: postgres && ((major: 6 | 7) => postgresDatabase(postgres.url, { major })),
}

for (const { name, open } of [SQLITE, POSTGRESQL]) {
  describe.skipIf(open === null)(`a client on ${name}`, () => {
    it.each([7, 6] as const)('extended in every way, of Prisma %i', async (major) => {
      const database = opened(await (open as typeof SQLITE.open)(major))
      const client = await database.connect()
      const seen = new Set<string>()
      const extended = client
        .$extends({
          name: 'watches',
          query: {
            $allOperations({ operation, args, query }: Operation) {
              seen.add(operation)
              return query(args)
            },
          },
        })
        .$extends({
          client: { $hello: () => 'hello' },
          model: { $allModels: { exists: () => true } },
          result: { generationQueue: { url: { needs: { resultUrl: true }, compute: () => 'x' } } },
        })
      await liveOn(extended)
      expect([...seen].sort()).toEqual(['$executeRawUnsafe', '$queryRawUnsafe'])
      await client.$disconnect()
    })

    it('that does not say what it speaks to, with the provider named', async () => {
      const database = opened(await (open as typeof SQLITE.open)(7))
      const client = await database.connect()
      const silent: PrismaLike = {
        $queryRawUnsafe: (sql, ...values) => client.$queryRawUnsafe(sql, ...values),
        $executeRawUnsafe: (sql, ...values) => client.$executeRawUnsafe(sql, ...values),
        $transaction: (body, options) => client.$transaction(body, options),
      }
      expect(() => prismaStorage(silent)).toThrow(
        'prismaStorage: the client does not say which database it speaks to; pass { provider: "postgresql", "mysql", "sqlite" }',
      )
      await expect(migrate(silent)).rejects.toThrow(/does not say which database/)
      await liveOn(silent, { provider: database.provider })
      await client.$disconnect()
    })
  })
}

interface Operation {
  readonly operation: string
  readonly args: unknown
  query(args: unknown): unknown
}

it('of the generator prisma-client, modules of TypeScript', async () => {
  const database = opened(await sqliteDatabase())
  const client = await generatedModuleClient(database.url)
  await liveOn(client)
  await client.$disconnect()
})

describe('a provider that is none of ours', () => {
  it.each(['sqlserver', 'mongodb', 'cockroachdb'])(
    '%s is refused by name, as the client says it',
    (provider) => {
      const unused = async () => expect.unreachable()
      const client = {
        _activeProvider: provider,
        $queryRawUnsafe: unused,
        $executeRawUnsafe: unused,
        $transaction: unused,
      }
      const message = `prismaStorage: provider "${provider}" is not supported; use one of "postgresql", "mysql", "sqlite"`
      expect(() => prismaStorage(client)).toThrow(message)
      expect(() => prismaStorage(client, { provider: provider as Provider })).toThrow(message)
      return expect(migrate(client)).rejects.toThrow(message)
    },
  )
})

describe('the types of a generated client', () => {
  it.each([
    ['prisma-client-js', 6],
    ['prisma-client-js', 7],
    ['prisma-client', 7],
  ] as const)(
    'of %s, Prisma %i, fit: plain, extended, and inside a transaction',
    async (generator, major) => {
      const client = await generatedFolder('postgresql', major, '', generator)
      const folder = mkdtempSync(join(tmpdir(), 'genqueue-types-'))
      const file = join(folder, 'app.ts')
      writeFileSync(
        file,
        `import { createQueue } from '@genqueue/core'
import { migrate, prismaStorage } from '@genqueue/prisma'
import type { PrismaClient } from '${client}/${generator === 'prisma-client' ? 'client' : 'index'}'

export async function app(prisma: PrismaClient) {
  const extended = prisma.$extends({ model: { $allModels: { exists: () => true } } })
  await Promise.all([migrate(prisma), migrate(extended)])
  for (const client of [prisma, extended] as const) {
    const queue = createQueue({ storage: prismaStorage(client) })
    await queue.canProcess('flux-2-pro')
  }
  const queue = createQueue({ storage: prismaStorage(extended, { provider: 'postgresql' }) })
  await prisma.$transaction(async (tx) => queue.using(tx).cancel(1))
  await extended.$transaction(async (tx) => queue.using(tx).cancel(1))
  prismaStorage(prisma.generationQueue)
}
`,
      )
      try {
        // What does not fit would be told.
        expect(typeErrors([file])).toEqual([
          expect.stringMatching(/^app\.ts:15: Argument of type .* is not assignable/),
        ])
      } finally {
        rmSync(folder, { recursive: true, force: true })
      }
    },
    60_000,
  )
})
