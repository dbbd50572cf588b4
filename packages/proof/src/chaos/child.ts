import { type ChildProcess, spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'

const ROOT = fileURLToPath(new URL('../../../../', import.meta.url))
const COMPLAINT_CHARS = 4_000

/** A node process of ours that runs one TypeScript file; it ends when we do. */
export interface Child {
  readonly pid: number
  readonly running: boolean
  /** Resolves when it has ended, with its exit code, or null after a signal. */
  readonly ended: Promise<number | null>
  signal(name: NodeJS.Signals): void
  /** The end of what it wrote to stderr. */
  complaint(): string
}

/** `node` may be another version's binary. The script sees its stdin end when this process dies, whatever kills it. */
export function startScript(script: URL, args: readonly string[], node = process.execPath): Child {
  const child = spawn(node, ['--import', 'tsx', fileURLToPath(script), ...args], {
    cwd: ROOT,
    env: { ...process.env, TSX_TSCONFIG_PATH: `${ROOT}tsconfig.base.json` },
    stdio: ['pipe', 'ignore', 'pipe'],
  })
  return watched(child)
}

function watched(child: ChildProcess): Child {
  let complaint = ''
  child.stderr?.on('data', (data: Buffer) => {
    complaint = (complaint + data.toString()).slice(-COMPLAINT_CHARS)
  })
  child.stdin?.on('error', () => {})
  const ended = new Promise<number | null>((resolve, reject) => {
    child.once('error', reject)
    child.once('exit', resolve)
  })
  return {
    get pid() {
      return child.pid ?? -1
    },
    get running() {
      return child.exitCode === null && child.signalCode === null
    },
    ended,
    signal: (name) => void child.kill(name),
    complaint: () => complaint,
  }
}

/** In a script: ends the process as soon as the one that started it is gone. */
export function endWithParent(): void {
  process.stdin.resume()
  process.stdin.once('end', () => process.exit(1))
  process.stdin.once('error', () => process.exit(1))
}
