// Runs the pnpm that package.json pins: a global one only if it is that version, else through npx. A machine
// needs nothing but Node and npm.
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'

const root = new URL('../../', import.meta.url)
const { packageManager } = JSON.parse(readFileSync(new URL('package.json', root), 'utf8'))
const version = packageManager.split('@')[1]
const shell = process.platform === 'win32'

// npm hands its own settings to scripts as npm_* variables; pnpm would take some of them for its own.
const env = Object.fromEntries(
  Object.entries(process.env).filter(
    ([name]) => !name.toLowerCase().startsWith('npm_') || /cache|registry|userconfig/i.test(name),
  ),
)
const global = spawnSync('pnpm', ['--version'], { encoding: 'utf8', env, shell, cwd: '/' })
const [command, args] =
  global.status === 0 && global.stdout.trim() === version
    ? ['pnpm', []]
    : ['npx', ['--yes', `pnpm@${version}`]]

const result = spawnSync(command, [...args, ...process.argv.slice(2)], {
  stdio: 'inherit',
  env,
  shell,
  cwd: root,
})
if (result.error) console.error(`could not run ${command}: ${result.error.message}`)
process.exit(result.status ?? 1)
