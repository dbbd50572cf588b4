#!/usr/bin/env node
/**
 * Makes what the app imports and is not in git: the renderer of its pictures, and the Prisma client for the database that
 * DATABASE_URL names (SQLite without it). Prisma's engine is not needed: the CLI only wants to be told of one.
 */
import { spawnSync } from 'node:child_process'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'

const studio = join(import.meta.dirname, '..')
const generated = join(studio, 'generated')
const require = createRequire(join(studio, 'package.json'))

function run(label, script, args, env = {}) {
  console.log(`${label} …`)
  const { status, stdout, stderr } = spawnSync(process.execPath, [require.resolve(script), ...args], {
    cwd: studio,
    encoding: 'utf8',
    env: { ...process.env, ...env },
  })
  if (status === 0) return
  console.error(`${stdout}${stderr}`)
  process.exit(status ?? 1)
}

// The terminal example's renderer. Its imports end in .js, as Node wants them; Next's bundler would look for such files.
const renderer = ['../quickstart/src/render/index.ts', '--outDir', join(generated, 'render'), '--declaration']
const likeNode = [
  '--module',
  'nodenext',
  '--target',
  'es2022',
  '--types',
  'node',
  '--skipLibCheck',
  '--ignoreConfig',
]
run('compiling the renderer', 'typescript/bin/tsc', [...renderer, ...likeNode])

const provider = /^postgres/.test(process.env.DATABASE_URL ?? '') ? 'postgresql' : 'sqlite'
const shipped = dirname(require.resolve('@genqueue/prisma/package.json'))
const models = readFileSync(join(shipped, `schema/${provider}.prisma`), 'utf8')
const head = `generator client {
  provider = "prisma-client-js"
  output   = "./client"
}

datasource db {
  provider = "${provider}"
}
`
mkdirSync(generated, { recursive: true })
const schema = join(generated, 'schema.prisma')
writeFileSync(schema, `${head}\n${models}`)
run(`making the Prisma client (${provider})`, 'prisma/build/index.js', ['generate', '--schema', schema], {
  PRISMA_SCHEMA_ENGINE_BINARY: process.execPath,
  PRISMA_HIDE_UPDATE_MESSAGE: '1',
})
