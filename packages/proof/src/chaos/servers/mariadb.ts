import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import * as mariadb from 'mariadb'
import { command, freePort, processServer, type Server } from './server.js'

const PROGRAM = ['mariadbd', '/usr/sbin/mariadbd'].find((name) => spawnSync(name, ['--version']).status === 0)

export async function mariadbServer(folder: string): Promise<Server> {
  if (PROGRAM === undefined) throw new Error('no mariadbd here (Debian: apt-get install mariadb-server)')
  const port = await freePort()
  const data = join(folder, 'data')
  const asRoot = process.getuid?.() === 0 ? ['--user=root'] : []
  const install = [...asRoot, `--datadir=${data}`, '--auth-root-authentication-method=normal']
  await command('mariadb-install-db', ['--no-defaults', ...install])
  const args = [
    '--no-defaults',
    ...asRoot,
    `--datadir=${data}`,
    `--socket=${join(folder, 'socket')}`,
    `--port=${port}`,
    '--bind-address=127.0.0.1',
    '--innodb-buffer-pool-size=64M',
  ]
  return processServer(port, PROGRAM, args, () => answers(port))
}

async function answers(port: number): Promise<boolean> {
  try {
    const connection = await mariadb.createConnection({ host: '127.0.0.1', port, user: 'root' })
    await connection.query('SELECT 1')
    await connection.end()
    return true
  } catch {
    return false
  }
}
