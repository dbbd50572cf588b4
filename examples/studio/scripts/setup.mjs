#!/usr/bin/env node
/**
 * Makes what the app imports and shows and is not in git: the renderer of its pictures, a few samples of them, and a Prisma
 * client for each database. Prisma's engine is not needed: the CLI only wants to be told of one.
 */
import { spawnSync } from 'node:child_process'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { pathToFileURL } from 'node:url'

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

/** The terminal example's renderer. Its imports end in .js, as Node wants them; Next's bundler would look for such files. */
function compileRenderer() {
  const renderer = [
    '../quickstart/src/render/index.ts',
    '--outDir',
    join(generated, 'render'),
    '--declaration',
  ]
  const likeNode = ['--module', 'nodenext', '--target', 'es2022', '--types', 'node', '--skipLibCheck']
  run('compiling the renderer', 'typescript/bin/tsc', [...renderer, ...likeNode, '--ignoreConfig'])
}

const SAMPLES = [
  ['a lighthouse on a cliff above a stormy sea', 4],
  ['a fox in an autumn forest', 2],
  ['a purple galaxy behind a small moon', 3],
  ['snow on a mountain at dawn', 5],
  ['stained glass with a rose in the middle', 1],
  ['a city street at night, neon in the rain', 6],
]

/** What the page shows before anybody has signed in. */
async function drawSamples() {
  console.log('drawing samples …')
  const { renderPicture } = await import(pathToFileURL(join(generated, 'render/index.js')).href)
  const folder = join(studio, 'public/samples')
  mkdirSync(folder, { recursive: true })
  for (const [index, [prompt, seed]] of SAMPLES.entries())
    writeFileSync(
      join(folder, `${index + 1}.png`),
      renderPicture({ prompt, seed, modelId: 'flux-2-pro', size: 320 }),
    )
}

function generateClient(provider) {
  const shipped = dirname(require.resolve('@genqueue/prisma/package.json'))
  const models = readFileSync(join(shipped, `schema/${provider}.prisma`), 'utf8')
  const folder = join(generated, provider)
  const head = `generator client {
  provider = "prisma-client-js"
  output   = "./client"
}

datasource db {
  provider = "${provider}"
}
`
  mkdirSync(folder, { recursive: true })
  const schema = join(folder, 'schema.prisma')
  writeFileSync(schema, `${head}\n${models}`)
  run(`making the Prisma client for ${provider}`, 'prisma/build/index.js', ['generate', '--schema', schema], {
    PRISMA_SCHEMA_ENGINE_BINARY: process.execPath,
    PRISMA_HIDE_UPDATE_MESSAGE: '1',
  })
}

compileRenderer()
await drawSamples()
generateClient('sqlite')
generateClient('postgresql')
