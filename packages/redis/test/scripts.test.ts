import { spawnSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { createQueue, HISTOGRAM_BOUNDS_MS, histogramBin, STATUSES } from '@genqueue/core'
import { redisStorage } from '@genqueue/redis'
import { Redis } from 'ioredis'
import { afterAll, describe, expect, it } from 'vitest'
import { INCLUDES } from '../src/generated/scripts.js'
import { SCRIPTS } from '../src/scripts.js'
import { randomPrefix, removeNamespace } from './support/namespace.js'
import { canStartServers, findServer, startServer } from './support/server.js'

const server = await findServer()
const at = (path: string) => fileURLToPath(new URL(path, import.meta.url))

describe('Lua sources', () => {
  const files = ['../lua/', '../lua/include/'].flatMap((folder) =>
    readdirSync(at(folder))
      .filter((file) => file.endsWith('.lua'))
      .map((file): [string, string] => [file, readFileSync(at(folder + file), 'utf8')]),
  )

  it.each(files)('%s names no status', (_file, source) => {
    for (const status of STATUSES) expect(source).not.toMatch(new RegExp(`\\b${status}\\b`))
  })

  it('are what the committed module holds', () => {
    const { status, stderr } = spawnSync(process.execPath, [at('../scripts/build-lua.mjs'), '--check'])
    expect([status, String(stderr)]).toEqual([0, ''])
  })

  it('build keys in one place', () => {
    for (const [file, source] of files) {
      if (file === 'keys.lua') continue
      expect([file, source.match(/BASE \.\. '(?!wake')/g)]).toEqual([file, null])
    }
  })
})

describe.skipIf(server === null)('scripts on a server', () => {
  const client = new Redis(server?.url ?? '', { lazyConnect: true })
  afterAll(async () => {
    client.disconnect()
    await server?.release()
  })

  it.each(Object.values(SCRIPTS))('$name compiles under its digest', async ({ source, sha1 }) => {
    expect(await client.script('LOAD', source)).toBe(sha1)
  })

  it('put a duration into the same histogram bin as core', async () => {
    const durations = HISTOGRAM_BOUNDS_MS.flatMap((bound) => [bound - 1, bound, bound + 1])
    durations.push(2 ** 40, 123_456_789)
    // The include adds to `bins`; what it was given stands there under its bin.
    const script = `
      local BINS_MAX = ${HISTOGRAM_BOUNDS_MS.length}
      local function tally(bins, bin) bins[1] = bin end
      ${INCLUDES['tally-time']}
      local found = {}
      for i, ms in ipairs(ARGV) do
        local bins = {}
        tally_time(bins, tonumber(ms))
        found[i] = bins[1]
      end
      return found`
    expect(await client.eval(script, 0, ...durations)).toEqual(durations.map(histogramBin))
  })
})

describe.skipIf(!canStartServers)('a script cache that is flushed in mid-run', () => {
  it('is filled again by the commands themselves', async () => {
    const own = await startServer()
    const client = new Redis(own.url)
    const prefix = randomPrefix()
    const queue = createQueue({ storage: redisStorage({ client, prefix }), models: { m: 5 } })
    try {
      await queue.tickets.grant('ada', 300)
      const worker = queue.worker(async () => 'https://img.example/1.png').start()
      for (let round = 0; round < 10; round++) {
        const requests = Array.from({ length: 30 }, () => ({ userId: 'ada', modelId: 'm', prompt: 'p' }))
        const [results] = await Promise.all([queue.enqueueMany(requests), client.script('FLUSH')])
        expect(results.every((result) => result.ok)).toBe(true)
      }
      await expect.poll(async () => (await queue.stats()).completed, { timeout: 10_000 }).toBe(300)
      await worker.close()
      expect(await queue.tickets.account('ada')).toMatchObject({ balance: 0, reserved: 0, captured: 300 })
      expect((await queue.verify()).findings).toEqual([])
    } finally {
      await queue.close()
      await removeNamespace(client, prefix)
      client.disconnect()
      await own.destroy()
    }
  })
})
