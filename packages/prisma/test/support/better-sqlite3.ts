import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { cp, mkdir, mkdtemp, readFile, rename, rm } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import type { TestClient } from './databases.js'
import { adapterModule, cacheFolder, generatedClient, ROOTS } from './generate.js'

/** Has it compiled where it is not yet. */
const VARIABLE = 'GENQUEUE_BETTER_SQLITE3'
export const NOT_COMPILED = `better-sqlite3 is not compiled: run with ${VARIABLE}=1, which takes about 20 s the first time`

/**
 * The compiled part of better-sqlite3, which an install of this repository leaves out: it takes a minute of compiling. It is
 * made under CI=true or when the variable asks for it, and kept for the next time; null where it is not.
 */
export async function betterSqlite3Binding(): Promise<string | null> {
  const folder = await packageFolder()
  const { version } = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8')) as { version: string }
  const kept = join(cacheFolder(7), `better-sqlite3-${version}-${process.versions.modules}.node`)
  if (existsSync(kept)) return kept
  if (process.env.CI !== 'true' && process.env[VARIABLE] === undefined) return null
  await mkdir(cacheFolder(7), { recursive: true })
  const made = await mkdtemp(join(cacheFolder(7), 'made-'))
  try {
    await cp(folder, made, { recursive: true, dereference: true })
    await npm(['run', 'build-release'], made)
    await rename(join(made, 'build/Release/better_sqlite3.node'), kept)
  } finally {
    await rm(made, { recursive: true, force: true })
  }
  return kept
}

async function packageFolder(): Promise<string> {
  const adapter = createRequire(join(ROOTS[7], 'package.json')).resolve('@prisma/adapter-better-sqlite3')
  return dirname(createRequire(adapter).resolve('better-sqlite3/package.json'))
}

/** Fails with what it printed last. */
async function npm(args: readonly string[], cwd: string): Promise<void> {
  // What it does is the same, and compiling takes a third of the time.
  const hurried = { CFLAGS: '-O0', CXXFLAGS: '-O0' }
  const child = spawn('npm', args, { cwd, env: { ...process.env, ...hurried } })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (data) => {
      output = (output + data).slice(-5_000)
    })
  }
  const code = await new Promise((resolve) => child.on('close', resolve))
  if (code !== 0) throw new Error(`npm ${args.join(' ')} ended with ${code}:\n${output}`)
}

export async function betterSqlite3Client(url: string, nativeBinding: string): Promise<TestClient> {
  const { PrismaBetterSqlite3 } = adapterModule<{
    PrismaBetterSqlite3: new (options: { url: string; nativeBinding: string }) => unknown
  }>(7, '@prisma/adapter-better-sqlite3')
  const PrismaClient = await generatedClient('sqlite', 7)
  return new PrismaClient({ adapter: new PrismaBetterSqlite3({ url, nativeBinding }) })
}
