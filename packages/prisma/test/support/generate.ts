import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import type { PrismaLike, Provider } from '@genqueue/prisma'

export type PrismaMajor = 6 | 7

/** A generated client's class; `adapter` is the driver's. */
export type ClientClass = new (options: {
  adapter: unknown
}) => PrismaLike & {
  $disconnect(): Promise<void>
  $extends(extension: unknown): InstanceType<ClientClass>
}

const packageRoot = join(import.meta.dirname, '../..')
/** Where Prisma and its adapters of each major are installed. */
export const ROOTS: Readonly<Record<PrismaMajor, string>> = {
  6: join(packageRoot, 'test/prisma6'),
  7: packageRoot,
}

/** What a schema may ask `prisma generate` for: a client in JavaScript, or Prisma 7's own choice, modules of TypeScript. */
export type Generator = 'prisma-client-js' | 'prisma-client'

/** The shipped models, with what else a schema needs; `extra` are models of the app. */
async function schemaText(provider: Provider, major: PrismaMajor, extra: string, generator: Generator) {
  const models = await readFile(join(packageRoot, `schema/${provider}.prisma`), 'utf8')
  const engine = major === 6 ? '\n  engineType = "client"' : ''
  const url = major === 6 ? '\n  url = "file:unused"' : ''
  return `generator client {
  provider = "${generator}"
  output   = "./client"${engine}
}

datasource db {
  provider = "${provider}"${url}
}

${models}
${extra}`
}

/** Kept from run to run, beside Prisma's own client: what is generated there finds what it asks for by name. */
export function cacheFolder(major: PrismaMajor): string {
  const installed = createRequire(join(ROOTS[major], 'package.json')).resolve('@prisma/client/package.json')
  return join(dirname(installed), '../../.genqueue-test')
}

/**
 * The folder of the client that `prisma generate` makes of the shipped models, made once. Generating needs no engine, but
 * the CLI wants to be told of one.
 */
export async function generatedFolder(
  provider: Provider,
  major: PrismaMajor,
  extra = '',
  generator: Generator = 'prisma-client-js',
): Promise<string> {
  const schema = await schemaText(provider, major, extra, generator)
  const hash = createHash('sha256').update(schema).digest('hex').slice(0, 12)
  const cache = cacheFolder(major)
  const folder = join(cache, `${provider}-${hash}`)
  if (!existsSync(folder)) {
    await mkdir(cache, { recursive: true })
    const made = await mkdtemp(join(cache, 'made-'))
    await writeFile(join(made, 'schema.prisma'), schema)
    await prisma(major, ['generate', '--schema', join(made, 'schema.prisma')], made, {
      PRISMA_SCHEMA_ENGINE_BINARY: process.execPath,
    })
    // Another worker may have been faster: either one will do.
    await rename(made, folder).catch(() => rm(made, { recursive: true, force: true }))
  }
  return join(folder, 'client')
}

/** The class of that client. */
export async function generatedClient(
  provider: Provider,
  major: PrismaMajor,
  extra = '',
): Promise<ClientClass> {
  const folder = await generatedFolder(provider, major, extra)
  const required = createRequire(join(folder, 'index.js'))('./index.js') as { PrismaClient: ClientClass }
  return required.PrismaClient
}

/** Runs the Prisma CLI of a major; fails with what it printed. */
export async function prisma(
  major: PrismaMajor,
  args: readonly string[],
  cwd: string,
  environment: Readonly<Record<string, string>> = {},
): Promise<string> {
  const cli = createRequire(join(ROOTS[major], 'package.json')).resolve('prisma/build/index.js')
  const child = spawn(process.execPath, [cli, ...args], {
    cwd,
    env: {
      ...process.env,
      CI: '1',
      PRISMA_HIDE_UPDATE_MESSAGE: '1',
      CHECKPOINT_DISABLE: '1',
      ...environment,
    },
  })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (data) => {
      output += data
    })
  }
  const code = await new Promise((resolve) => child.on('close', resolve))
  if (code !== 0) throw new Error(`prisma ${args.join(' ')} ended with ${code}:\n${output}`)
  return output
}

/** A driver adapter of a major. */
export const adapterModule = <Module>(major: PrismaMajor, name: string): Module =>
  createRequire(join(ROOTS[major], 'package.json'))(name) as Module
