import { execFile } from 'node:child_process'
import { promisify } from 'node:util'

/** Fetched by npx for contenders that do not run on the node of this process. */
const NEWER = '24.21.0'
const FETCH_MS = 180_000

const numbers = (version: string) => version.replace(/^v/, '').split('.').map(Number)

export function isAtLeast(version: string, wanted: string): boolean {
  const [have, want] = [numbers(version), numbers(wanted)]
  for (const [index, part] of want.entries()) {
    const difference = (have[index] ?? 0) - part
    if (difference !== 0) return difference > 0
  }
  return true
}

export interface NodeBinary {
  readonly path: string
  readonly version: string
}

let newer: Promise<NodeBinary> | undefined

/** This process's node if it will do, else a newer one, or a sentence about why there is none. */
export async function nodeFor(wanted: string | undefined): Promise<NodeBinary | string> {
  const own = { path: process.execPath, version: process.version }
  if (wanted === undefined || isAtLeast(own.version, wanted)) return own
  newer ??= fetchNewer()
  return newer.catch(() => `needs Node ${wanted}; this is ${own.version}, and npx could not fetch ${NEWER}`)
}

async function fetchNewer(): Promise<NodeBinary> {
  // npm hands its own settings down to the scripts it runs; some of them confuse another npm.
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('npm_')))
  const print = 'node -p "JSON.stringify({ path: process.execPath, version: process.version })"'
  const { stdout } = await promisify(execFile)('npx', ['-y', '-p', `node@${NEWER}`, '-c', print], {
    env,
    timeout: FETCH_MS,
  })
  return JSON.parse(stdout) as NodeBinary
}
