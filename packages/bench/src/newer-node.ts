import { execFile, spawn } from 'node:child_process'
import { promisify } from 'node:util'

/** Fetched by npx where the node of this process will not do. */
const NEWER = '24.21.0'
const FETCH_MS = 180_000

export function isOlderThan(wanted: string, version = process.versions.node): boolean {
  const [have, want] = [version, wanted].map((text) => text.split('.').map(Number)) as [number[], number[]]
  for (const [index, part] of want.entries()) {
    const difference = (have[index] ?? 0) - part
    if (difference !== 0) return difference < 0
  }
  return false
}

/** The path of a newer node, or null where it cannot be fetched. */
export async function fetchNewerNode(): Promise<string | null> {
  process.stderr.write(`fetching node ${NEWER} through npx\n`)
  // npm hands its own settings down to the scripts it runs; some of them confuse another npm.
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('npm_')))
  const fetched = promisify(execFile)(
    'npx',
    ['-y', '-p', `node@${NEWER}`, '-c', 'node -p process.execPath'],
    {
      env,
      timeout: FETCH_MS,
    },
  )
  return fetched.then(
    ({ stdout }) => stdout.trim(),
    () => null,
  )
}

/** This same script, as a whole, under another node; its exit code. */
export function runAgain(node: string, args: readonly string[]): Promise<number> {
  const script = process.argv[1] as string
  const child = spawn(node, [...process.execArgv, script, ...args], { stdio: 'inherit' })
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (code, signal) => resolve(code ?? (signal === null ? 0 : 1)))
  })
}
