import { execFileSync } from 'node:child_process'
import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { freePort, run, start } from '../../examples/studio/test/support/processes.js'
import { type Client, clientOf, signIn } from '../../examples/studio/test/support/requests.js'
import type { Archive } from './archives.js'
import { CommandFailed } from './consumer.js'
import { writeReadmeApp } from './readme-app.js'

const PATIENCE_MS = 60_000
const LOOK_MS = 100
const INSTALL = [
  'install',
  '--no-audit',
  '--no-fund',
  '--ignore-scripts',
  '--prefer-offline',
  '--no-package-lock',
]
/** Not what a user of the studio installs. */
const OF_ITS_TESTS = ['axe-core', 'playwright-core']

interface Manifest {
  dependencies: Record<string, string>
  devDependencies: Record<string, string>
}

const filesOf = (archives: readonly Archive[]) =>
  Object.fromEntries(archives.map(({ name, file }) => [name, `file:${file}`]))

/** What is in git of the studio, and the renderer that it compiles, as somebody who copies the two would have them. */
function copyStudio(root: string, scratch: string, archives: readonly Archive[]): string {
  const parts = ['examples/studio', 'examples/quickstart/package.json', 'examples/quickstart/src/render']
  const listed = execFileSync('git', ['ls-files', '--', ...parts], { cwd: root, encoding: 'utf8' })
  for (const path of listed.trim().split('\n')) {
    if (path.startsWith('examples/studio/test/')) continue
    mkdirSync(dirname(join(scratch, path)), { recursive: true })
    cpSync(join(root, path), join(scratch, path))
  }
  const folder = join(scratch, 'examples/studio')
  const manifest: Manifest = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
  const packed = filesOf(archives)
  for (const name of Object.keys(manifest.dependencies))
    if (packed[name] !== undefined) manifest.dependencies[name] = packed[name]
  for (const name of OF_ITS_TESTS) delete manifest.devDependencies[name]
  writeFileSync(join(folder, 'package.json'), JSON.stringify(manifest, null, 2))
  return folder
}

const carryOut = (command: string, args: readonly string[], folder: string) =>
  run(command, args, folder).catch((error: Error) => {
    throw new CommandFailed(`in ${folder}: ${error.message}`)
  })

const nextOf = (folder: string) => join(folder, 'node_modules/next/dist/bin/next')

/** Serves a built app while it is visited. */
async function serving(
  folder: string,
  environment: Readonly<Record<string, string>>,
  visit: (url: string) => Promise<void>,
) {
  const port = await freePort()
  const url = `http://127.0.0.1:${port}`
  const args = [nextOf(folder), 'start', '-p', String(port), '-H', '127.0.0.1']
  const server = start(process.execPath, args, folder, { NODE_ENV: 'production', ...environment })
  try {
    await until(
      'an answer',
      async () =>
        server.exitCode() !== null ||
        (await fetch(url).then(
          ({ ok }) => ok,
          () => false,
        )),
    )
    await visit(url)
  } catch (error) {
    throw new CommandFailed(
      `next start in ${folder}: ${error instanceof Error ? error.message : error}\n${server.output()}`,
    )
  } finally {
    await server.stop()
  }
}

async function until(what: string, holds: () => Promise<boolean>): Promise<void> {
  for (const giveUpAt = Date.now() + PATIENCE_MS; !(await holds()); ) {
    if (Date.now() > giveUpAt) throw new Error(`no ${what} in ${PATIENCE_MS / 1_000} s`)
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS))
  }
}

async function expectStatuses(client: Client, wanted: Readonly<Record<string, number>>): Promise<void> {
  for (const [path, status] of Object.entries(wanted)) {
    const got = (await client.get(path)).status
    if (got !== status) throw new Error(`GET ${path} was answered with ${got}, not ${status}`)
  }
}

/** Follows a generation by the status route; a route that were frozen at build time would never tell its end. */
async function followed(client: Client, answer: Response): Promise<string> {
  const { queueId } = (await answer.json()) as { queueId?: number }
  if (queueId === undefined) throw new Error(`nothing was queued: ${answer.status}`)
  let result = ''
  await until(`result of generation ${queueId}`, async () => {
    const response = await client.get(`/api/queue/status/${queueId}`)
    const { status, resultUrl } = (await response.json()) as { status: string; resultUrl: string | null }
    if (status === 'failed') throw new Error(`generation ${queueId} failed`)
    result = resultUrl ?? ''
    return status === 'completed'
  })
  return result
}

/** The studio, on Next 16 with Cache Components on. */
export async function checkStudio(
  root: string,
  scratch: string,
  archives: readonly Archive[],
): Promise<string> {
  const folder = copyStudio(root, scratch, archives)
  await carryOut('npm', INSTALL, folder)
  await carryOut(process.execPath, ['scripts/setup.mjs'], folder)
  await carryOut(process.execPath, [nextOf(folder), 'build'], folder)
  await serving(folder, { STUDIO_STEP_MS: '20' }, async (url) => {
    const mira = await signIn(url, 'mira')
    const sent = await mira.post('/api/generate-safe', { prompt: 'a boat', model: 'flux-2-pro' })
    const picture = new URL(await followed(mira, sent))
    await expectStatuses(mira, { [picture.pathname]: 200, '/api/queue/mine': 200, '/admin/queue': 403 })
    await expectStatuses(await signIn(url, 'admin'), { '/admin/queue': 200, '/api/admin/queue/stats': 200 })
  })
  return 'the studio, Next 16: installed with npm, built, served'
}

/** The app of the README of @genqueue/next, on Next 15. */
export async function checkReadmeApp(
  root: string,
  scratch: string,
  archives: readonly Archive[],
): Promise<string> {
  const folder = join(scratch, 'readme-app')
  writeReadmeApp(root, folder, filesOf(archives))
  await carryOut('npm', INSTALL, folder)
  await carryOut(process.execPath, [nextOf(folder), 'build'], folder)
  await serving(folder, { CRON_SECRET: 'a-secret-of-some-length' }, async (url) => {
    const [ada, admin, nobody] = ['ada', 'root', ''].map((cookie) => clientOf(url, cookie)) as [
      Client,
      Client,
      Client,
    ]
    await expectStatuses(admin, {
      '/admin/queue': 200,
      '/api/admin/queue/limits': 200,
      '/api/queue/drain': 401,
    })
    await expectStatuses(ada, { '/admin/queue': 403, '/api/queue/mine': 200 })
    await expectStatuses(nobody, { '/api/queue/mine': 401, '/api/admin/queue/stats': 401 })
    await admin.post('/api/admin/queue/tickets/ada', { amount: 5 })
    for (const path of ['/api/generate', '/api/generate-later']) {
      const result = await followed(ada, await ada.post(path, { prompt: 'a boat', model: 'flux-2-pro' }))
      if (result !== 'https://img.example/a%20boat.png') throw new Error(`${path} made ${result}`)
    }
    const drained = await fetch(`${url}/api/queue/drain`, {
      headers: { authorization: 'Bearer a-secret-of-some-length' },
    })
    if (drained.status !== 200) throw new Error(`cron was answered with ${drained.status}`)
  })
  return 'the app of the README of @genqueue/next, Next 15: installed with npm, built, served'
}
