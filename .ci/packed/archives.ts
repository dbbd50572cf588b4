import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { isBegun, membersOf } from '../begun.js'

export interface Archive {
  /** `@genqueue/core` */
  readonly name: string
  /** Whether there is something in it; one that is only declared has to be installable, because others name it. */
  readonly begun: boolean
  readonly file: string
  /** What users may import: `@genqueue/core`, `@genqueue/core/testing`. */
  readonly entries: readonly string[]
  /** Peers that may be missing; the consumer installs them at the version that the package is tested with. */
  readonly peers: Readonly<Record<string, string>>
}

interface Manifest {
  readonly name: string
  readonly version: string
  readonly private?: boolean
  readonly exports?: Readonly<Record<string, unknown>>
  readonly peerDependencies?: Readonly<Record<string, string>>
  readonly devDependencies?: Readonly<Record<string, string>>
}

function entriesOf({ name, exports = {} }: Manifest): string[] {
  return Object.keys(exports)
    .filter((path) => !path.endsWith('.json'))
    .map((path) => name + path.slice(1))
}

function peersOf({ peerDependencies = {}, devDependencies = {} }: Manifest): Record<string, string> {
  return Object.fromEntries(
    Object.entries(peerDependencies).map(([peer, range]) => [peer, devDependencies[peer] ?? range]),
  )
}

/** Packs every package that is published, as it would be: with the versions of the others instead of workspace links. */
export function packAll(root: string, destination: string): Archive[] {
  const archives: Archive[] = []
  for (const folder of membersOf(root).map((member) => join(root, member))) {
    const manifest: Manifest = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
    if (manifest.private === true) continue
    const args = ['--filter', manifest.name, 'pack', '--pack-destination', destination]
    const pnpm = join(root, '.ci/scripts/pnpm.mjs')
    execFileSync('node', [pnpm, ...args], { stdio: ['ignore', 'ignore', 'inherit'] })
    archives.push({
      name: manifest.name,
      begun: isBegun(folder),
      file: join(destination, `${manifest.name.slice(1).replace('/', '-')}-${manifest.version}.tgz`),
      entries: entriesOf(manifest),
      peers: peersOf(manifest),
    })
  }
  return archives
}
