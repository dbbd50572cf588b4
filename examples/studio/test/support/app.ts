import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const studio = join(import.meta.dirname, '../..')
const root = join(studio, '../..')
const READY_MS = 60_000

export interface RunningApp {
  readonly url: string
  stop(): Promise<void>
}

/** What `npm run studio` does before it starts, and a production build. */
export async function buildApp(): Promise<void> {
  const pnpm = join(root, '.ci/scripts/pnpm.mjs')
  await run([pnpm, '--silent', '--filter', '@genqueue/example-studio^...', 'run', 'build'], root)
  await run([join(studio, 'scripts/setup.mjs')], studio)
  await run([join(studio, 'node_modules/next/dist/bin/next'), 'build'], studio)
}

/** `next start` on a free port, with an SQLite file of its own. */
export async function startApp(environment: Readonly<Record<string, string>> = {}): Promise<RunningApp> {
  const folder = mkdtempSync(join(tmpdir(), 'genqueue-studio-'))
  const port = await freePort()
  const url = `http://127.0.0.1:${port}`
  const next = join(studio, 'node_modules/next/dist/bin/next')
  const { REDIS_URL: _, ...rest } = process.env
  const child = spawn(process.execPath, [next, 'start', '-p', String(port), '-H', '127.0.0.1'], {
    cwd: studio,
    env: {
      ...rest,
      DATABASE_URL: `file:${join(folder, 'studio.db')}`,
      NODE_ENV: 'production',
      ...environment,
    },
  })
  const output = collect(child)
  const giveUpAt = Date.now() + READY_MS
  while (
    !(await fetch(`${url}/api/studio`).then(
      ({ ok }) => ok,
      () => false,
    ))
  ) {
    if (Date.now() > giveUpAt || child.exitCode !== null)
      throw new Error(`the app did not start:\n${output()}`)
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
  return {
    url,
    async stop() {
      const ended = new Promise((resolve) => child.once('close', resolve))
      child.kill('SIGTERM')
      await ended
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

async function run(args: readonly string[], cwd: string): Promise<void> {
  const env = { ...process.env, NODE_ENV: 'production' }
  const child = spawn(process.execPath, args, { cwd, env })
  const output = collect(child)
  const code = await new Promise((resolve) => child.once('close', resolve))
  if (code !== 0) throw new Error(`${args.join(' ')} ended with ${code}:\n${output()}`)
}

function collect(child: ChildProcess): () => string {
  let text = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on('data', (data) => {
      text += data
    })
  }
  return () => text
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer()
    server.on('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0))
    })
  })
}
