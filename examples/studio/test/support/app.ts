import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Environment, freePort, run, type Started, start } from './processes.js'

const studio = join(import.meta.dirname, '../..')
const root = join(studio, '../..')
const next = join(studio, 'node_modules/next/dist/bin/next')
const READY_MS = 120_000
const LOOK_MS = 100

export interface RunningApp {
  readonly url: string
  stop(): Promise<void>
}

/**
 * What `npm run studio` does before it starts, and a production build. The types are those that `npm run check` has
 * looked at: without declarations the packages are built in a quarter of the time.
 */
export async function buildApp(): Promise<void> {
  const pnpm = join(root, '.ci/scripts/pnpm.mjs')
  await run(
    process.execPath,
    [pnpm, '--silent', '--filter', '@genqueue/example-studio^...', 'run', 'build', '--no-dts'],
    root,
  )
  await run(process.execPath, [join(studio, 'scripts/setup.mjs')], studio)
  await run(process.execPath, [next, 'build'], studio, { NODE_ENV: 'production', STUDIO_TYPES: 'checked' })
}

/** `next start` of what was built, on a free port, with an SQLite file and pictures of its own unless told otherwise. */
export async function startApp(environment: Environment = {}): Promise<RunningApp> {
  const folder = mkdtempSync(join(tmpdir(), 'genqueue-studio-'))
  const port = await freePort()
  const started = start(process.execPath, [next, 'start', '-p', String(port), '-H', '127.0.0.1'], studio, {
    ...ownFiles(folder),
    NODE_ENV: 'production',
    ...environment,
  })
  return ready(started, port, folder)
}

/** `npm run studio` in the root, as the README says it. */
export async function startByNpm(environment: Environment): Promise<RunningApp> {
  const folder = mkdtempSync(join(tmpdir(), 'genqueue-studio-'))
  const port = await freePort()
  const started = start('npm', ['run', 'studio'], root, {
    ...ownFiles(folder),
    PORT: String(port),
    ...environment,
  })
  return ready(started, port, folder)
}

const ownFiles = (folder: string) => ({
  DATABASE_URL: `file:${join(folder, 'studio.db')}`,
  STUDIO_PICTURES: join(folder, 'pictures'),
})

async function ready(started: Started, port: number, folder: string): Promise<RunningApp> {
  const url = `http://127.0.0.1:${port}`
  const stop = async () => {
    await started.stop()
    rmSync(folder, { recursive: true, force: true })
  }
  const giveUpAt = Date.now() + READY_MS
  const answers = () =>
    fetch(url).then(
      ({ ok }) => ok,
      () => false,
    )
  while (!(await answers())) {
    if (Date.now() > giveUpAt || started.exitCode() !== null) {
      await stop()
      throw new Error(`the app did not start:\n${started.output()}`)
    }
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS))
  }
  return { url, stop }
}
