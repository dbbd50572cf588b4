import { beforeAll, describe, expect, it } from 'vitest'
import { noChromium } from '../../../packages/http/test/browser/support/chromium.js'
import { postgresDatabase } from '../../../packages/prisma/test/support/databases.js'
import { findPostgres } from '../../../packages/prisma/test/support/servers.js'
import { canStartServers, startServer } from '../../../packages/redis/test/support/server.js'
import { adminCases, adminViewCases } from './cases/admin.js'
import { looksCases } from './cases/looks.js'
import { routeCases } from './cases/routes.js'
import { shopCases } from './cases/shop.js'
import { buildApp, type RunningApp, startApp, startByNpm } from './support/app.js'
import { signIn } from './support/requests.js'
import { useApp, useStage } from './support/stage.js'

const BUILD_MS = 240_000
const START_MS = 120_000

/** One picture asked for and seen, by requests alone. */
async function visitByRequests({ url }: RunningApp): Promise<void> {
  const jon = await signIn(url, 'jon')
  const sent = await jon.post('/api/generate-safe', { prompt: 'a boat', model: 'nano-banana' })
  const { queueId } = (await sent.json()) as { queueId: number }
  const read = async (path: string) => (await jon.get(path)).json()
  await expect
    .poll(() => read(`/api/queue/status/${queueId}`), { timeout: 30_000 })
    .toMatchObject({ status: 'completed', resultUrl: expect.stringMatching(/\.png$/) })
  expect(await read('/api/studio')).toMatchObject({
    person: { userId: 'jon' },
    tickets: { available: 2, reserved: 0 },
  })
}

const postgres = await findPostgres()

describe('the studio', () => {
  beforeAll(buildApp, BUILD_MS)

  describe.skipIf(noChromium !== null)('a user, in a browser', () => {
    shopCases(useStage({ STUDIO_STEP_MS: '400' }))
  })
  describe.skipIf(noChromium !== null)('an admin, in a browser', () => {
    const stage = useStage({ STUDIO_STEP_MS: '400' })
    adminCases(stage)
    adminViewCases(stage)
  })
  describe.skipIf(noChromium !== null)('how it looks', () => {
    looksCases(useStage({ STUDIO_STEP_MS: '300' }))
  })
  describe('its routes', () => {
    routeCases(useApp({ STUDIO_STEP_MS: '50' }))
  })

  it.skipIf(!canStartServers)(
    'keeps everything in Redis when REDIS_URL is set',
    { timeout: START_MS },
    async () => {
      const redis = await startServer()
      const app = await startApp({ REDIS_URL: redis.url, STUDIO_STEP_MS: '20' })
      await visitByRequests(app).finally(app.stop)
      await redis.destroy()
    },
  )

  it.skipIf(postgres === null)(
    '`npm run studio` sets up and serves, and keeps everything in PostgreSQL when DATABASE_URL says so',
    { timeout: START_MS },
    async () => {
      const database = await postgresDatabase(postgres?.url ?? '')
      const app = await startByNpm({ DATABASE_URL: database.url, STUDIO_STEP_MS: '20' })
      await visitByRequests(app).finally(app.stop)
      await database.drop()
      await postgres?.release()
    },
  )
})
