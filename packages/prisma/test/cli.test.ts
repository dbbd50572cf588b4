import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { prismaStorage } from '@genqueue/prisma'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { sqliteDatabase, type TestDatabase } from './support/databases.js'
import { ROOTS } from './support/generate.js'

const root = join(import.meta.dirname, '../../..')
const tsx = join(root, 'node_modules/tsx/dist/cli.mjs')

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'genqueue-cli-'))
  writeFileSync(join(folder, 'package.json'), '{}')
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

function cli(args: readonly string[], environment: Readonly<Record<string, string>> = {}) {
  const { DATABASE_URL: _, NODE_PATH: __, ...rest } = process.env
  const script = join(root, 'packages/prisma/src/cli.ts')
  const tsconfig = join(root, 'tsconfig.base.json')
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [tsx, '--tsconfig', tsconfig, script, ...args],
    { cwd: folder, encoding: 'utf8', env: { ...rest, ...environment } },
  )
  return { status, stdout, stderr }
}

const write = (path: string, text: string) => {
  mkdirSync(join(folder, path, '..'), { recursive: true })
  writeFileSync(join(folder, path), text)
}
const read = (path: string) => readFileSync(join(folder, path), 'utf8')

const APP = `datasource db {
  provider = "postgresql"
}

// model GenerationQueue { this is only talked of }
model Order {
  id Int @id
  note String
}
`

describe('genqueue-prisma init', () => {
  it('adds its models to the one file, leaves the others alone, and does nothing the second time', () => {
    write('prisma/schema.prisma', APP)
    const dry = cli(['init', '--dry-run'])
    expect(dry).toMatchObject({ status: 0, stderr: '' })
    expect(dry.stdout).toContain('+ model GenerationQueue {')
    expect(read('prisma/schema.prisma')).toBe(APP)

    const first = cli(['init'])
    expect(first).toMatchObject({ status: 0, stderr: '' })
    expect(first.stdout).toContain('npx prisma db push')
    const after = read('prisma/schema.prisma')
    expect(after.startsWith(APP)).toBe(true)
    expect(after.match(/^model \w+/gm)).toEqual([
      'model Order',
      'model ModelConcurrencyLimit',
      'model GenerationQueue',
      'model Ticket',
      'model TicketLedger',
      'model GenerationRollup',
      'model GenerationCount',
      'model GenerationBucket',
    ])

    expect(cli(['init']).stdout).toContain('nothing to change')
    expect(read('prisma/schema.prisma')).toBe(after)
  })

  it('gives a schema folder a file of its own', () => {
    write('package.json', JSON.stringify({ prisma: { schema: 'db' } }))
    write('db/main.prisma', APP.replace('postgresql', 'mysql'))
    expect(cli(['init']).status).toBe(0)
    expect(read('db/main.prisma')).toBe(APP.replace('postgresql', 'mysql'))
    expect(read('db/genqueue.prisma')).toContain('@db.LongText')
    expect(cli(['init']).stdout).toContain('nothing to change')
  })

  it('adds only what is missing, and keeps what the app added to a model', () => {
    write('prisma/schema.prisma', APP)
    cli(['init'])
    const grown = read('prisma/schema.prisma')
      .replace('model Ticket {', 'model Ticket {\n  note String?')
      .replace(/\/\/\/ What happened per model and hour\.\nmodel GenerationRollup \{[^}]*\}\n/, '')
    write('prisma/schema.prisma', grown)
    expect(cli(['init']).stdout).toContain('added 1 models')
    expect(read('prisma/schema.prisma').startsWith(grown)).toBe(true)
  })

  it('names what stands in its way and changes nothing', () => {
    const own = `${APP}\nmodel Ticket {\n  id Int @id\n  seat String\n}\n`
    write('prisma/schema.prisma', own)
    const result = cli(['init'])
    expect(result.status).toBe(1)
    expect(result.stderr).toMatch(/model Ticket in .* lacks userId, balance/)
    expect(read('prisma/schema.prisma')).toBe(own)
  })

  it.each([
    ['mongodb', /"mongodb"; genqueue runs on postgresql, mysql, sqlite/],
    ['sqlserver', /"sqlserver"/],
    ['cockroachdb', /"cockroachdb"/],
  ])('refuses %s by name', (provider, message) => {
    write('prisma/schema.prisma', APP.replace('postgresql', provider))
    const result = cli(['init'])
    expect(result.status).toBe(1)
    expect(result.stderr).toMatch(message)
  })
})

describe('genqueue-prisma migrate', () => {
  it('creates the tables through the driver of the app, and again', async () => {
    symlinkSync(join(ROOTS[7], 'node_modules'), join(folder, 'node_modules'))
    const database: TestDatabase = await sqliteDatabase()
    try {
      write('.env', `DATABASE_URL="${database.url}"\n`)
      expect(cli(['migrate'])).toMatchObject({ status: 0, stderr: '' })
      expect(cli(['migrate', '--url', database.url]).stdout).toContain(
        "genqueue's 7 tables are there (sqlite)",
      )
      const client = await database.connect()
      await prismaStorage(client).open()
      await client.$disconnect()
    } finally {
      await database.drop()
    }
  })

  it('prints the SQL that is shipped', () => {
    const { stdout } = cli(['migrate', '--print', '--provider', 'postgresql'])
    const shipped = readFileSync(join(root, 'packages/prisma/migrations/postgresql.sql'), 'utf8')
    expect(shipped.endsWith(`${stdout.trimEnd()}\n`)).toBe(true)
  })

  it.each([
    [['migrate'], 2, /--url URL or set DATABASE_URL/],
    [['migrate', '--url', 'mongodb://x'], 2, /must begin with/],
    [['migrate', '--print', '--provider', 'oracle'], 2, /--provider is one of/],
    [['migrate', '--url', 'file:x.db'], 1, /none of @libsql\/client is installed/],
    [['init'], 2, /no Prisma schema at/],
    [['init', '--schema', 'nowhere.prisma'], 2, /nowhere\.prisma/],
    [['push'], 2, /there is no command "push"/],
    [[], 2, /init or migrate/],
    [['init', '--force'], 2, /--force/],
  ])('%j ends with %i and one line', (args, status, message) => {
    const result = cli(args)
    expect(result.status).toBe(status)
    expect(result.stderr).toMatch(message)
    expect(result.stderr.trimEnd().split('\n')).toHaveLength(1)
  })

  it('explains itself', () => {
    expect(cli(['--help'])).toMatchObject({ status: 0, stderr: '' })
    expect(cli(['--help']).stdout).toContain('genqueue-prisma init')
  })
})
