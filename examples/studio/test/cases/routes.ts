import { beforeAll, beforeEach, expect, it } from 'vitest'
import { type Client, clientOf, signIn } from '../support/requests.js'
import { becomes } from '../support/stage.js'

interface Answer {
  readonly imageUrl?: string
  readonly queued?: boolean
  readonly queueId?: number
  readonly position?: number
  readonly message?: string
}

const read = async <Body>(response: Promise<Response>): Promise<Body> =>
  (await (await response).json()) as Body

const ATTACKS: readonly (readonly [what: string, path: string, body: unknown, status: number])[] = [
  ['broken JSON', '/api/generate', '{"prompt":', 400],
  ['a list', '/api/generate-safe', [], 400],
  ['null', '/api/generate', 'null', 400],
  ['a megabyte', '/api/generate-safe', { prompt: 'x'.repeat(1_000_000) }, 400],
  ['no prompt', '/api/generate-safe', { model: 'nano-banana' }, 400],
  ['an object for a prompt', '/api/generate-safe', { model: 'nano-banana', prompt: { a: 1 } }, 400],
  ['a model that is not there', '/api/generate-safe', { model: 'no-such', prompt: 'x' }, 404],
  ["another's name", '/api/generate', { prompt: 'x', model: 'nano-banana', userId: 'jon' }, 401],
  ['a person that is not there', '/api/session', { userId: '__proto__' }, 400],
]

/** What scripts send, and what attackers do. */
export function routeCases(urlOf: () => string): void {
  let url: string
  let mira: Client
  beforeAll(() => {
    url = urlOf()
  })
  beforeEach(async () => {
    mira = await signIn(url, 'mira')
  })
  /** The address of the picture, whether it came at once or in its turn. */
  const pictureOf = async ({ imageUrl, queueId }: Answer): Promise<string | null> =>
    imageUrl ?? (await read<{ resultUrl: string | null }>(mira.get(`/api/queue/status/${queueId}`))).resultUrl

  it('the route of the guide: at once while a slot is free, at a position when the model is paused', async () => {
    const body = { prompt: 'a boat', model: 'seedream-4.5', userId: 'mira', quality: 'high' }
    const ask = () => read<Answer>(mira.post('/api/generate', body))
    // The worker may be faster than the route; then the answer says where it stands.
    const now = await ask()
    await becomes(() => pictureOf(now)).toMatch(/^http:\/\/localhost:\d+\/pictures\/[\w-]+\.png$/)
    const admin = await signIn(url, 'admin')
    const pause = async (paused: boolean) =>
      (await admin.put('/api/admin/queue/limits', { modelId: 'seedream-4.5', paused })).status
    expect(await pause(true)).toBe(200)
    const later = await ask()
    expect(later).toEqual({
      queued: true,
      queueId: expect.any(Number),
      position: 1,
      message: 'Generation queued at position 1',
    })
    expect(await pause(false)).toBe(200)
    await becomes(() => pictureOf(later)).toMatch(/\.png$/)
  })

  it('a click that is sent twice asks for one picture', async () => {
    const body = { prompt: 'a twin', model: 'nano-banana', idempotencyKey: 'one-click' }
    const answers = await Promise.all(
      [1, 2, 3].map(() => read<Answer>(mira.post('/api/generate-safe', body))),
    )
    expect(new Set(answers.map(({ queueId }) => queueId)).size).toBe(1)
  })

  it.each(ATTACKS)('%s is refused', async (_what, path, body, status) => {
    interface Mine {
      readonly generations: readonly { readonly queueId: number }[]
    }
    const mine = async () =>
      (await read<Mine>(mira.get('/api/queue/mine'))).generations.map(({ queueId }) => queueId)
    const before = await mine()
    const response = await mira.post(path, body)
    expect(response.status).toBe(status)
    expect(await response.json()).toMatchObject({ error: { code: expect.any(String) } })
    expect(await mine()).toEqual(before)
  })

  it('writes from another site, made-up sessions and names of files that are none get nowhere', async () => {
    for (const path of ['/api/generate', '/api/generate-safe', '/api/session']) {
      const foreign = await mira.post(path, {}, 'https://evil.example')
      expect([path, foreign.status]).toEqual([path, 403])
    }
    const session = await clientOf(url, '').post('/api/session', { userId: 'mira' })
    const cookie = session.headers.get('set-cookie') ?? ''
    expect(cookie).toMatch(/; HttpOnly; SameSite=Strict/)
    const [, signature] = /=mira\.([\w-]+);/.exec(cookie) ?? []
    expect(signature).toBeDefined()
    for (const forged of [`admin.${signature}`, 'admin.', 'admin', `mira.${signature}x`]) {
      const { status } = await clientOf(url, `studio_session=${forged}`).get('/api/admin/queue/stats')
      expect([forged, status]).toEqual([forged, 401])
    }
    expect((await mira.get('/api/admin/queue/stats?email=admin@example.com')).status).toBe(403)
    for (const name of ['..%2f..%2fpackage.json', 'studio.db', '1.png'])
      expect([name, (await mira.get(`/pictures/${name}`)).status]).toEqual([name, 404])
  })
}
