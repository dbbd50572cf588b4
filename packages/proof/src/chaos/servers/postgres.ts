import { existsSync, mkdirSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { command, freePort, type Server } from './server.js'

const INSTALLED = '/usr/lib/postgresql'

/** A cluster of its own. PostgreSQL refuses to run as root, so root lets the user postgres run it. */
export async function postgresServer(folder: string): Promise<Server> {
  const bin = binaries()
  if (bin === null) throw new Error('no initdb here (Debian: apt-get install postgresql)')
  const port = await freePort()
  const data = join(folder, 'data')
  mkdirSync(data, { mode: 0o700 })
  const asRoot = process.getuid?.() === 0
  if (asRoot) await command('chown', ['-R', 'postgres', folder])
  const run = (program: string, ...args: string[]) =>
    asRoot
      ? command('runuser', ['-u', 'postgres', '--', join(bin, program), ...args], folder)
      : command(join(bin, program), args, folder)
  await run('initdb', '-D', data, '-U', 'postgres', '-A', 'trust', '-E', 'UTF8', '--no-sync')
  const settings = [
    `-p ${port}`,
    '-c listen_addresses=127.0.0.1',
    `-c unix_socket_directories=${folder}`,
    '-c max_connections=200',
  ].join(' ')
  const control = (...args: string[]) =>
    run('pg_ctl', '-D', data, '-w', '-l', join(folder, 'postgres.log'), ...args)
  const crash = () => control('-m', 'immediate', 'stop')
  return {
    port,
    start: () => control('-o', settings, 'start'),
    crash,
    // It may be down already.
    destroy: () => crash().catch(() => {}),
  }
}

function binaries(): string | null {
  const versions = existsSync(INSTALLED) ? readdirSync(INSTALLED).sort((a, b) => Number(b) - Number(a)) : []
  const version = versions.find((name) => existsSync(join(INSTALLED, name, 'bin/initdb')))
  return version === undefined ? null : join(INSTALLED, version, 'bin')
}
