// Compiles better-sqlite3 for the Node that runs, once: about a minute, which is why an ordinary install leaves it out
// and only CI tests through its adapter.
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'

const fromPrisma = createRequire(new URL('../../packages/prisma/package.json', import.meta.url))
const fromAdapter = createRequire(fromPrisma.resolve('@prisma/adapter-better-sqlite3'))
const folder = dirname(fromAdapter.resolve('better-sqlite3/package.json'))

/** The headers that come with most installations of Node save their download. */
function buildEnvironment() {
  const prefix = dirname(dirname(process.execPath))
  const { env } = process
  return existsSync(join(prefix, 'include/node/node.h')) ? { npm_config_nodedir: prefix, ...env } : env
}

/** In a process of its own, because a binding that was built for another Node may end it. */
function works() {
  const open = "new (require('better-sqlite3'))(':memory:').prepare('select 1').get()"
  const cwd = join(folder, '..')
  return spawnSync(process.execPath, ['--eval', open], { cwd, stdio: 'ignore' }).status === 0
}

if (works()) {
  console.log('better-sqlite3 is there')
} else {
  // Its install script takes a finished binary where one can be had and compiles otherwise.
  const { status } = spawnSync('npm', ['run', 'install'], {
    cwd: folder,
    env: buildEnvironment(),
    stdio: 'inherit',
    shell: process.platform === 'win32',
  })
  if (status !== 0 || !works()) {
    console.error('better-sqlite3 could not be built: it needs python3, make and a C++ compiler')
    process.exit(1)
  }
}
