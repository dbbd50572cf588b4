import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Redis } from 'ioredis'

const READY_MS = 10_000
const HOW_TO_GET_ONE =
  'set REDIS_URL, start a server on 127.0.0.1:6379, or install one (Debian: apt-get install redis-server) so that the tests can start it'

/** A server of our own on a free port of loopback; its files go with it. */
export interface OwnServer {
  readonly port: number
  readonly url: string
  /** As a crash or an operator would: the process ends, its files stay. */
  stop(signal?: NodeJS.Signals): Promise<void>
  start(): Promise<void>
  destroy(): Promise<void>
}

export interface FoundServer {
  readonly url: string
  release(): Promise<void>
}

const BINARY = ['redis-server', 'valkey-server'].find((name) => spawnSync(name, ['--version']).status === 0)

export const canStartServers = BINARY !== undefined

/** REDIS_URL, then 127.0.0.1:6379, then one started for this file; null (and a printed reason) when there is none. */
export async function findServer(): Promise<FoundServer | null> {
  const kept = async () => {}
  if (process.env.REDIS_URL !== undefined) return { url: process.env.REDIS_URL, release: kept }
  const local = 'redis://127.0.0.1:6379'
  if (await answers(local)) return { url: local, release: kept }
  if (canStartServers) {
    const server = await startServer()
    return { url: server.url, release: () => server.destroy() }
  }
  if (process.env.CI === 'true') throw new Error(`no redis server for the tests: ${HOW_TO_GET_ONE}`)
  console.warn(`skipped, there is no redis server: ${HOW_TO_GET_ONE}`)
  return null
}

async function answers(url: string): Promise<boolean> {
  const client = new Redis(url, { lazyConnect: true, retryStrategy: () => null, connectTimeout: 1_000 })
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

export async function startServer(options: readonly string[] = []): Promise<OwnServer> {
  if (BINARY === undefined) throw new Error(`no redis-server to start: ${HOW_TO_GET_ONE}`)
  const port = await freePort()
  const folder = mkdtempSync(join(tmpdir(), 'genqueue-redis-'))
  const url = `redis://127.0.0.1:${port}`
  const always = ['--bind', '127.0.0.1', '--port', String(port), '--dir', folder, '--save', '']
  let child: ChildProcess | undefined

  const server: OwnServer = {
    port,
    url,
    async start() {
      child = spawn(BINARY, [...always, ...options], { stdio: 'ignore' })
      const giveUpAt = Date.now() + READY_MS
      while (!(await answers(url))) {
        if (Date.now() > giveUpAt) throw new Error(`the redis server on port ${port} does not answer`)
        await new Promise((resolve) => setTimeout(resolve, 20))
      }
    },
    async stop(signal = 'SIGTERM') {
      const running = child
      child = undefined
      if (running === undefined || running.exitCode !== null) return
      const ended = new Promise((resolve) => running.once('exit', resolve))
      running.kill(signal)
      await ended
    },
    async destroy() {
      await server.stop('SIGKILL')
      rmSync(folder, { recursive: true, force: true })
    },
  }
  await server.start()
  return server
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer().once('error', reject)
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address()
      probe.close(() =>
        typeof address === 'object' && address ? resolve(address.port) : reject(new Error('no port')),
      )
    })
  })
}
