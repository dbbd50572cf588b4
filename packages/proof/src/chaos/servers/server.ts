import { type ChildProcess, spawn } from 'node:child_process'
import { createServer } from 'node:net'
import { pause } from '../time.js'

/** A database server that a run starts for itself on a free port of loopback, with files of its own. */
export interface Server {
  readonly port: number
  start(): Promise<void>
  /** Hard, without a last write, as when the power goes; its files stay. */
  crash(): Promise<void>
  /** Stops it; removing the files is up to whoever made the folder. */
  destroy(): Promise<void>
}

const READY_MS = 60_000
const LOOK_MS = 50

export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer().once('error', reject)
    probe.listen(0, '127.0.0.1', () => {
      const { port } = probe.address() as { port: number }
      probe.close(() => resolve(port))
    })
  })
}

/** Runs a command to its end; fails with what it printed. */
export async function command(program: string, args: readonly string[], cwd?: string): Promise<void> {
  const child = spawn(program, args, { cwd, stdio: ['ignore', 'pipe', 'pipe'] })
  let printed = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (data: Buffer) => {
      printed += data
    })
  }
  // Not 'close': a server that it leaves behind may keep its streams open.
  const code = await new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('exit', resolve)
  })
  if (code !== 0) throw new Error(`${program} ended with ${code}: ${printed.trim()}`)
}

/** A server that is one process of ours, killed to crash it. */
export function processServer(
  port: number,
  program: string,
  args: readonly string[],
  answers: () => Promise<boolean>,
): Server {
  let child: ChildProcess | undefined
  const crash = async () => {
    const running = child
    child = undefined
    if (running === undefined || running.exitCode !== null) return
    const ended = new Promise((resolve) => running.once('exit', resolve))
    running.kill('SIGKILL')
    await ended
  }
  return {
    port,
    async start() {
      child = spawn(program, args, { stdio: 'ignore' })
      const giveUpAt = Date.now() + READY_MS
      while (!(await answers())) {
        if (Date.now() > giveUpAt) throw new Error(`${program} on port ${port} does not answer`)
        await pause(LOOK_MS)
      }
    },
    crash,
    destroy: crash,
  }
}
