import { spawnSync } from 'node:child_process'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Archive } from './archives.js'

const RUN_TIMEOUT_MS = 60_000
const INSTALL_TIMEOUT_MS = 300_000

/** Thrown with everything that a command printed. */
export class CommandFailed extends Error {}

function run(cwd: string, timeoutMs: number, command: string, ...args: string[]): string {
  const { status, stdout, stderr, error } = spawnSync(command, args, {
    cwd,
    encoding: 'utf8',
    timeout: timeoutMs,
    shell: process.platform === 'win32',
  })
  if (status === 0) return stdout
  throw new CommandFailed(`${command} ${args.join(' ')}\n${stdout}${stderr}${error?.message ?? ''}`.trim())
}

/** A project of its own with the archives, and nothing else unless `withPeers`: optional peers are up to the user. */
export function install(folder: string, archives: readonly Archive[], withPeers: boolean): void {
  mkdirSync(folder, { recursive: true })
  const peers = Object.assign({}, ...archives.map((archive) => archive.peers)) as Record<string, string>
  const types = { '@types/node': '^20.19.0', '@types/react': '^19.0.0' }
  const ours = Object.fromEntries(archives.map(({ name, file }) => [name, `file:${file}`]))
  const manifest = { private: true, dependencies: withPeers ? { ...types, ...peers, ...ours } : ours }
  writeFileSync(join(folder, 'package.json'), JSON.stringify(manifest, null, 2))
  const flags = ['--no-audit', '--no-fund', '--ignore-scripts', '--prefer-offline', '--no-package-lock']
  run(folder, INSTALL_TIMEOUT_MS, 'npm', 'install', ...flags)
}

/** The names an entry gives to `import` and to `require`; they must be the same, and there must be some. */
export function load(folder: string, entry: string): string[] {
  const names = 'Object.keys(entry).filter((name) => name !== "default").sort()'
  const esm = `import * as entry from '${entry}'; console.log(JSON.stringify(${names}))`
  const cjs = `const entry = require('${entry}'); console.log(JSON.stringify(${names}))`
  const imported = run(folder, RUN_TIMEOUT_MS, 'node', '--input-type=module', '--eval', esm).trim()
  const required = run(folder, RUN_TIMEOUT_MS, 'node', '--input-type=commonjs', '--eval', cjs).trim()
  if (imported !== required)
    throw new CommandFailed(`${entry}: import gives ${imported}, require gives ${required}`)
  const exported: string[] = JSON.parse(imported)
  if (exported.length === 0) throw new CommandFailed(`${entry} exports nothing`)
  return exported
}

/** The types of every entry, as an ES module, as CommonJS and as a bundler sees them; declarations are checked too. */
export function resolveTypes(root: string, folder: string, exported: ReadonlyMap<string, string[]>): void {
  const uses = [...exported].map(([entry, names], index) => {
    return `import * as entry${index} from '${entry}'\nexport const uses${index} = [${names.map((name) => `entry${index}.${name}`).join(', ')}]`
  })
  for (const file of ['types.mts', 'types.cts', 'types.ts'])
    writeFileSync(join(folder, file), `${uses.join('\n')}\n`)
  const common = [
    '--noEmit',
    '--strict',
    '--target',
    'es2022',
    '--lib',
    'es2023,dom,dom.iterable',
    '--types',
    'node',
  ]
  const tsc = join(root, 'node_modules/.bin/tsc')
  run(folder, RUN_TIMEOUT_MS, tsc, ...common, '--module', 'nodenext', 'types.mts', 'types.cts')
  run(
    folder,
    RUN_TIMEOUT_MS,
    tsc,
    ...common,
    '--module',
    'esnext',
    '--moduleResolution',
    'bundler',
    'types.ts',
  )
}

/** The TypeScript of the README's quick start, one program. */
function quickStart(root: string): string {
  const readme = readFileSync(join(root, 'README.md'), 'utf8')
  const section = /^## Quick start\n(.*?)^## /ms.exec(readme)?.[1] ?? ''
  const blocks = [...section.matchAll(/^( *)```ts\n(.*?)^ *```$/gms)].map(([, , code = '']) => code)
  if (blocks.length === 0) throw new CommandFailed('README.md: no TypeScript under "## Quick start"')
  return blocks.join('\n')
}

/** Compiles and runs the README's quick start as a user would; answers what it printed. */
export function runQuickStart(root: string, folder: string): string {
  writeFileSync(join(folder, 'quickstart.mts'), quickStart(root))
  const tsc = join(root, 'node_modules/.bin/tsc')
  run(
    folder,
    RUN_TIMEOUT_MS,
    tsc,
    '--strict',
    '--target',
    'es2022',
    '--module',
    'nodenext',
    '--types',
    'node',
    'quickstart.mts',
  )
  return run(folder, RUN_TIMEOUT_MS, 'node', 'quickstart.mjs')
}
