import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { createQueue } from '@genqueue/core'
import { migrate, prismaStorage } from '@genqueue/prisma'
import { afterAll, afterEach, describe, expect, it } from 'vitest'
import { init } from '../src/cli/init.js'
import { postgresDatabase, sqliteDatabase, type TestDatabase } from './support/databases.js'
import type { PrismaMajor } from './support/generate.js'
import { pushSchema, type SchemaFile } from './support/schema-engine.js'
import { findPostgres } from './support/servers.js'
import { structureOf } from './support/structure.js'

const postgres = await findPostgres()
afterAll(() => postgres?.release())

interface Place {
  readonly name: string
  readonly major: PrismaMajor
  readonly open: (() => Promise<TestDatabase>) | null
}
const ON: readonly Place[] = ([7, 6] as const).flatMap((major) => [
  { name: 'SQLite', major, open: () => sqliteDatabase({ major }) },
  { name: 'PostgreSQL', major, open: postgres && (() => postgresDatabase(postgres.url, { major })) },
])

/** What an app may have before it hears of genqueue: in one file, or in several of a folder. */
const DATASOURCE = (provider: string, major: PrismaMajor) => `datasource db {
  provider = "${provider}"${major === 6 ? '\n  url = "file:unused"' : ''}
}
`
const MODELS = `model Customer {
  id     Int     @id @default(autoincrement())
  email  String  @unique
  orders Order[]
}

model Order {
  id         Int      @id @default(autoincrement())
  note       String?
  customer   Customer @relation(fields: [customerId], references: [id])
  customerId Int

  @@index([customerId])
}
`
const LAYOUTS: Readonly<Record<string, (datasource: string) => Record<string, string>>> = {
  'a single file': (datasource) => ({ 'prisma/schema.prisma': `${datasource}\n${MODELS}` }),
  'a schema folder': (datasource) => ({
    'package.json': '{ "prisma": { "schema": "db" } }',
    'db/main.prisma': datasource,
    'db/models/shop.prisma': MODELS,
  }),
}

for (const { name, major, open } of ON) {
  describe.skipIf(open === null)(`what prisma db push makes on ${name}, Prisma ${major}`, () => {
    let folder = ''
    const databases: TestDatabase[] = []
    afterEach(async () => {
      rmSync(folder, { recursive: true, force: true })
      for (const database of databases.splice(0)) await database.drop()
    })

    const write = (path: string, text: string) => {
      mkdirSync(dirname(join(folder, path)), { recursive: true })
      writeFileSync(join(folder, path), text)
    }
    const schemaFiles = (): SchemaFile[] =>
      readdirSync(folder, { recursive: true, encoding: 'utf8' })
        .filter((path) => path.endsWith('.prisma'))
        .map((path) => ({ path: join(folder, path), content: readFileSync(join(folder, path), 'utf8') }))

    /** A database with the app's own tables and a row in them. */
    const ofTheApp = async () => {
      const database = await (open as () => Promise<TestDatabase>)()
      databases.push(database)
      await pushSchema(major, database.url, schemaFiles())
      const client = await database.connect()
      await client.$executeRawUnsafe(`INSERT INTO "Customer" ("email") VALUES ('ada@example.com')`)
      return {
        client,
        push: () => pushSchema(major, database.url, schemaFiles()),
        structure: () => structureOf(client, database.provider),
        customers: () => client.$queryRawUnsafe<{ email: string }[]>('SELECT "email" FROM "Customer"'),
      }
    }

    it.each(Object.keys(LAYOUTS))(
      'of %s after init, the shipped SQL makes too, and neither touches the other',
      async (layout) => {
        folder = mkdtempSync(join(tmpdir(), 'genqueue-push-'))
        const provider = name === 'SQLite' ? 'sqlite' : 'postgresql'
        const files = LAYOUTS[layout]?.(DATASOURCE(provider, major)) ?? {}
        for (const [path, text] of Object.entries(files)) write(path, text)
        const pushed = await ofTheApp()
        const migrated = await ofTheApp()
        const before = await pushed.structure()

        init({ cwd: folder, schema: undefined, dryRun: false, print: () => {} })
        expect(await pushed.push()).toMatchObject({ warnings: [], unexecutable: [] })
        await migrate(migrated.client)

        const structure = await migrated.structure()
        expect(await pushed.structure()).toEqual(structure)
        expect(structure.filter((line) => before.includes(line))).toEqual(before)
        expect(structure.length).toBeGreaterThan(before.length + 60)

        expect(await migrated.push()).toMatchObject({ executedSteps: 0, warnings: [], unexecutable: [] })
        await migrate(pushed.client)
        expect(await pushed.push()).toMatchObject({ executedSteps: 0 })
        expect(await pushed.structure()).toEqual(structure)

        for (const { client, customers } of [pushed, migrated]) {
          expect(await customers()).toEqual([{ email: 'ada@example.com' }])
          const queue = createQueue({ storage: prismaStorage(client), tickets: false })
          const { position } = await queue.enqueue({ userId: 'ada', modelId: 'flux-2-pro', prompt: 'x' })
          expect(position).toBe(1)
          await queue.close()
          await client.$disconnect()
        }
      },
    )
  })
}

describe('the schema engine behind these tests', () => {
  it('finds what differs', async () => {
    const database = await sqliteDatabase()
    const client = await database.connect()
    await migrate(client)
    await client.$executeRawUnsafe('DROP INDEX "GenerationQueue_due"')
    const content = `${DATASOURCE('sqlite', 7)}\n${readFileSync(join(import.meta.dirname, '../schema/sqlite.prisma'), 'utf8')}`
    const files = [{ path: 'schema.prisma', content }]
    expect((await pushSchema(7, database.url, files)).executedSteps).toBe(1)
    expect((await pushSchema(7, database.url, files)).executedSteps).toBe(0)
    await client.$disconnect()
    await database.drop()
  })
})
