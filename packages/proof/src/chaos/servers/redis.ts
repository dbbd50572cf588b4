import { spawnSync } from 'node:child_process'
import { Redis } from 'ioredis'
import { freePort, processServer, type Server } from './server.js'

const PROGRAM = ['redis-server', 'valkey-server'].find((name) => spawnSync(name, ['--version']).status === 0)

export const canStartRedis = PROGRAM !== undefined
export const HOW_TO_GET_REDIS = 'no redis-server here (Debian: apt-get install redis-server)'

/**
 * With an append-only file that is synced before it answers: with `everysec` Redis may answer before it writes while a
 * sync is slow, and then a crash takes back what was told.
 */
export async function redisServer(folder: string): Promise<Server> {
  if (PROGRAM === undefined) throw new Error(HOW_TO_GET_REDIS)
  const port = await freePort()
  const bind = ['--bind', '127.0.0.1', '--port', String(port)]
  const files = ['--dir', folder, '--save', '', '--appendonly', 'yes', '--appendfsync', 'always']
  return processServer(port, PROGRAM, [...bind, ...files], () => answers(port))
}

async function answers(port: number): Promise<boolean> {
  const client = new Redis(port, '127.0.0.1', { lazyConnect: true, retryStrategy: () => null })
  client.on('error', () => {})
  try {
    await client.connect()
    return (await client.ping()) === 'PONG'
  } catch {
    return false
  } finally {
    client.disconnect()
  }
}
