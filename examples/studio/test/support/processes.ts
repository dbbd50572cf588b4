import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process'
import { createServer } from 'node:net'

/** Ours only: what the surrounding shell has set for a storage must not lead the app to it. */
const { REDIS_URL: _redis, DATABASE_URL: _database, AI_GATEWAY_API_KEY: _key, ...INHERITED } = process.env
export type Environment = Readonly<Record<string, string>>
const environmentOf = (environment: Environment) => ({
  ...INHERITED,
  NEXT_TELEMETRY_DISABLED: '1',
  ...environment,
})

/** There npm is no program but a script. */
const SHELL = process.platform === 'win32'

export interface Started {
  /** What it printed so far. */
  output(): string
  /** null while it runs. */
  exitCode(): number | null
  /** Ends it and everything that it started. */
  stop(): Promise<void>
}

/** Starts a program in a process group of its own. */
export function start(
  command: string,
  args: readonly string[],
  cwd: string,
  environment: Environment,
): Started {
  const child = spawn(command, args, { cwd, env: environmentOf(environment), shell: SHELL, detached: true })
  const output = collect(child)
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()))
  return {
    output,
    exitCode: () => child.exitCode,
    async stop() {
      if (child.pid !== undefined && child.exitCode === null) process.kill(-child.pid, 'SIGTERM')
      await ended
    },
  }
}

/** An installation over a slow line, or a build on a busy machine. */
const RUN_MS_MAX = 600_000

/** Runs a program to its end; fails with what it printed. */
export async function run(
  command: string,
  args: readonly string[],
  cwd: string,
  environment: Environment = {},
): Promise<void> {
  const options = { cwd, env: environmentOf(environment), shell: SHELL, timeout: RUN_MS_MAX }
  const child = spawn(command, args, options)
  const output = collect(child)
  const code = await new Promise((resolve) => child.once('close', resolve))
  if (code !== 0) throw new Error(`${command} ${args.join(' ')} ended with ${code}:\n${output()}`)
}

function collect({ stdout, stderr }: ChildProcessWithoutNullStreams): () => string {
  let text = ''
  for (const stream of [stdout, stderr]) {
    stream.on('data', (data) => {
      text += data
    })
  }
  return () => text
}

export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer()
    server.on('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0))
    })
  })
}
