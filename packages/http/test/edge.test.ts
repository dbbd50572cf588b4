import { fileURLToPath } from 'node:url'
import { createContext, runInContext } from 'node:vm'
import { build } from 'vite'
import { expect, it } from 'vitest'

const at = (path: string) => fileURLToPath(new URL(path, import.meta.url))

/** What the WinterTC minimum common API gives, as far as a queue wants it: no process, no Buffer, no require. */
const WEB_GLOBALS = [
  'AbortController',
  'AbortSignal',
  'DOMException',
  'Headers',
  'ReadableStream',
  'Request',
  'Response',
  'TextDecoder',
  'TextEncoder',
  'URL',
  'URLSearchParams',
  'clearTimeout',
  'console',
  'crypto',
  'performance',
  'queueMicrotask',
  'setTimeout',
  'structuredClone',
] as const

async function bundle(): Promise<string> {
  const source = (name: string) => ({
    find: `@genqueue/${name}`,
    replacement: at(`../../${name}/src/index.ts`),
  })
  const result = await build({
    configFile: false,
    logLevel: 'silent',
    resolve: { alias: ['core', 'http', 'memory'].map(source) },
    build: {
      write: false,
      minify: false,
      lib: { entry: at('./edge/app.ts'), formats: ['iife'], name: 'app' },
    },
  })
  const [output] = [result].flat()
  if (output === undefined || !('output' in output)) throw new Error('nothing was bundled')
  return output.output[0].code
}

it('runs where there are web APIs and nothing of Node', async () => {
  const globals = Object.fromEntries(WEB_GLOBALS.map((name) => [name, globalThis[name]]))
  const context = createContext(globals)
  expect(runInContext('[typeof process, typeof Buffer, typeof require]', context).join()).toBe(
    'undefined,undefined,undefined',
  )
  const app = runInContext(`${await bundle()}; app`, context) as typeof import('./edge/app.js')
  const queueId = await app.runOne()
  const get = async (path: string, cookie = 'ada') =>
    app.fetch(new Request(`https://app.example${path}`, { headers: { cookie } }))
  expect(await (await get(`/api/queue/status/${queueId}`)).json()).toMatchObject({
    status: 'completed',
    resultUrl: 'https://img.example/1.png',
  })
  expect((await get('/admin/queue')).headers.get('content-type')).toBe('text/html; charset=utf-8')
  expect((await get('/api/admin/queue/health')).status).toBe(200)
  expect((await get('/api/queue/mine', '')).status).toBe(401)
})
