import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

export interface Archive {
  /** `@genqueue/core` */
  readonly name: string
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
  const manifests = readdirSync(join(root, 'packages')).map((folder) => {
    const manifest: Manifest = JSON.parse(
      readFileSync(join(root, 'packages', folder, 'package.json'), 'utf8'),
    )
    return manifest
  })
  return manifests
    .filter((manifest) => manifest.private !== true)
    .map((manifest) => {
      const pnpm = join(root, '.ci/scripts/pnpm.mjs')
      const args = ['--filter', manifest.name, 'pack', '--pack-destination', destination]
      execFileSync('node', [pnpm, ...args], { stdio: ['ignore', 'ignore', 'inherit'] })
      const file = `${manifest.name.slice(1).replace('/', '-')}-${manifest.version}.tgz`
      return {
        name: manifest.name,
        file: join(destination, file),
        entries: entriesOf(manifest),
        peers: peersOf(manifest),
      }
    })
}
