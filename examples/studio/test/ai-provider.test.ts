import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeEach, expect, it, vi } from 'vitest'

const PNG = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
  'base64',
)
const folder = mkdtempSync(join(tmpdir(), 'genqueue-pictures-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

interface Asked {
  readonly url: string
  readonly model: string | null
  readonly body: Record<string, unknown>
}

/** The gateway, as far as the real AI SDK asks it; nothing leaves this machine. */
function openGateway(answer: () => Response): Asked[] {
  const asked: Asked[] = []
  vi.stubGlobal('fetch', async (url: string | URL, init: RequestInit = {}) => {
    const headers = new Headers(init.headers)
    asked.push({
      url: String(url),
      model: headers.get('ai-model-id') ?? headers.get('ai-image-model-id'),
      body: JSON.parse(String(init.body)),
    })
    return answer()
  })
  return asked
}

const job = { prompt: 'a boat', modelId: 'seedream-4.5', modelType: 'image', seed: 1, progress: () => {} }

beforeEach(() => {
  vi.stubEnv('AI_GATEWAY_API_KEY', 'a-key-of-nobody')
  vi.stubEnv('STUDIO_PICTURES', folder)
})
afterEach(() => {
  vi.unstubAllEnvs()
  vi.unstubAllGlobals()
})

it('with a key, pictures come from the provider through the AI SDK and are kept as files', async () => {
  const { requestPicture } = await import('../lib/ai-provider.js')
  const { readPicture } = await import('../lib/pictures.js')
  const asked = openGateway(() => Response.json({ images: [PNG.toString('base64')] }))
  const url = await requestPicture(job)
  expect(asked).toMatchObject([
    {
      url: expect.stringMatching(/\/image-model$/),
      model: 'bytedance/seedream-4.5',
      body: { prompt: 'a boat' },
    },
  ])
  expect(url).toMatch(/\/pictures\/[\w-]+\.png$/)
  expect(await readPicture(url.split('/').at(-1) ?? '')).toEqual({ bytes: PNG, mediaType: 'image/png' })
})

it.each([
  [429, true],
  [400, false],
])('a provider that answers %s: another attempt is worth it: %s', async (status, retryable) => {
  const { requestPicture } = await import('../lib/ai-provider.js')
  const asked = openGateway(() =>
    Response.json(
      { error: { message: 'no', type: status === 429 ? 'rate_limit_exceeded' : 'invalid_request_error' } },
      { status },
    ),
  )
  await expect(requestPicture(job)).rejects.toMatchObject({ retryable })
  expect(asked).toHaveLength(1)
})
