import { mkdirSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import type { Browser, BrowserContext, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { launch, noChromium } from '../../../packages/http/test/browser/support/chromium.js'
import { buildApp, type RunningApp, startApp } from './support/app.js'

const BUILD_MS = 240_000
const PATIENCE_MS = 20_000
const DESKTOP = { width: 1280, height: 900 }
const PHONE = { width: 390, height: 844 }
const pictures = join(import.meta.dirname, '../test-output')
const axe = createRequire(import.meta.url).resolve('axe-core/axe.min.js')

interface Visit {
  readonly page: Page
  readonly context: BrowserContext
}

describe.skipIf(noChromium !== null)('the studio, built and started as in production', () => {
  let app: RunningApp
  let browser: Browser
  const complaints: string[] = []
  beforeAll(async () => {
    mkdirSync(pictures, { recursive: true })
    await buildApp()
    app = await startApp({ STUDIO_STEP_MS: '120' })
    browser = await launch()
  }, BUILD_MS)
  afterAll(async () => {
    await browser?.close()
    await app?.stop()
  })

  async function visit(name: string | null, options: object = {}): Promise<Visit> {
    const context = await browser.newContext({ viewport: DESKTOP, ...options })
    const page = await context.newPage()
    page.setDefaultTimeout(PATIENCE_MS)
    page.on('pageerror', (error) => complaints.push(error.message))
    page.on('console', (message) => {
      if (message.type() === 'error') complaints.push(`${message.text()} ${message.location().url}`)
    })
    await page.goto(app.url)
    if (name !== null) {
      await page.getByRole('button', { name: new RegExp(`^${name}`) }).click()
      await page.getByRole('button', { name: `Sign out ${name}` }).waitFor()
    }
    return { page, context }
  }
  /** Prompts are told apart by their text; the card is there once the request has been answered. */
  const generate = async (page: Page, prompt: string) => {
    await page.getByLabel('What should it show?').fill(prompt)
    await page.getByRole('button', { name: /^Generate/ }).click()
    await page.locator('.card', { hasText: prompt }).first().waitFor()
  }
  const tickets = async (page: Page) => Number(await page.locator('.tickets strong').textContent())
  const finished = (page: Page, count: number) =>
    expect.poll(() => page.locator('.card.completed img').count(), { timeout: PATIENCE_MS }).toBe(count)
  async function seriousViolations(page: Page): Promise<string[]> {
    await page.addScriptTag({ path: axe })
    return page.evaluate(async () => {
      const { run } = (
        globalThis as unknown as { axe: { run(): Promise<{ violations: { id: string; impact: string }[] }> } }
      ).axe
      const { violations } = await run()
      return violations.filter(({ impact }) => ['serious', 'critical'].includes(impact)).map(({ id }) => id)
    })
  }

  it('shows positions that count down and pictures that appear, when more is asked for than there are slots', async () => {
    const { page, context } = await visit('Mira')
    for (const prompt of [
      'a lighthouse at dusk',
      'a red fox in snow',
      'a city at night',
      'mountains and a lake',
    ])
      await generate(page, prompt)
    const positions = await page.locator('.position').allTextContents()
    expect(positions.filter((text) => /^Position \d+$/.test(text)).length).toBeGreaterThan(0)
    await page.screenshot({ path: join(pictures, 'desktop-light.png') })
    await finished(page, 4)
    expect(await tickets(page)).toBe(36)
    await context.close()
  }, 60_000)

  it('gives the ticket back when what waits is cancelled', async () => {
    const { page, context } = await visit('Mira')
    const before = await tickets(page)
    for (const prompt of ['one', 'two', 'three']) await generate(page, `forest ${prompt}`)
    await page.getByRole('button', { name: 'Cancel: forest three' }).click()
    await page.locator('.card.cancelled').waitFor()
    await expect.poll(() => page.locator('.card.completed').count(), { timeout: PATIENCE_MS }).toBe(6)
    await expect.poll(() => tickets(page)).toBe(before - 2)
    await context.close()
  }, 60_000)

  it('lets an admin retry what failed, raise a limit while it runs, and clear what is done', async () => {
    const { page, context } = await visit('Mira')
    await generate(page, 'a storm [fail]')
    await page.locator('.card.failed').waitFor()
    const admin = await visit('Admin')
    await admin.page.getByRole('link', { name: 'Queue management' }).click()
    await admin.page.goto(`${app.url}/admin/queue?status=failed`)
    await admin.page.screenshot({ path: join(pictures, 'admin.png') })
    const origin = { origin: app.url, 'content-type': 'application/json' }
    const items = await admin.context.request.get(`${app.url}/api/admin/queue/items?status=failed`)
    const { items: found } = (await items.json()) as { items: { queueId: number }[] }
    const [failed] = found
    const retried = await admin.context.request.post(
      `${app.url}/api/admin/queue/items/${failed?.queueId}/retry`,
      { headers: origin },
    )
    expect(retried.status()).toBe(200)
    await expect.poll(() => page.locator('.card.completed').count(), { timeout: PATIENCE_MS }).toBe(7)

    const limits = await admin.context.request.put(`${app.url}/api/admin/queue/limits`, {
      headers: origin,
      data: { modelId: 'flux-2-pro', maxConcurrent: 4 },
    })
    expect(limits.status()).toBe(200)
    for (const name of ['a', 'b', 'c', 'd']) await generate(page, `harbour ${name}`)
    await finished(page, 11)
    const cleared = await admin.context.request.post(`${app.url}/api/admin/queue/clear-completed`, {
      headers: origin,
    })
    expect(cleared.status()).toBe(200)
    await expect.poll(() => page.locator('.card').count(), { timeout: PATIENCE_MS }).toBe(0)
    await admin.context.close()
    await context.close()
  }, 90_000)

  it('tells a user without tickets, and gives an ordinary one nothing of the admin surface', async () => {
    const { page, context } = await visit('Jon', { viewport: PHONE, colorScheme: 'dark' })
    for (const prompt of ['sea', 'hill', 'moon']) await generate(page, prompt)
    await page.getByText('You have no tickets left').waitFor()
    await page.screenshot({ path: join(pictures, 'phone-dark.png'), fullPage: true })
    for (const path of ['/admin/queue', '/api/admin/queue/stats', '/api/admin/queue/items'])
      expect((await context.request.get(app.url + path)).status()).toBe(403)
    expect(await page.getByRole('link', { name: 'Queue management' }).count()).toBe(0)
    await context.close()
    const { context: stranger, page: nobody } = await visit(null)
    expect((await stranger.request.get(`${app.url}/api/queue/mine`)).status()).toBe(401)
    expect(await seriousViolations(nobody)).toEqual([])
    await stranger.close()
  }, 60_000)

  it('answers the guide’s route as the guide does', async () => {
    const { context } = await visit('Mira')
    const post = (body: object) =>
      context.request.post(`${app.url}/api/generate`, { data: body, headers: { origin: app.url } })
    const now = await post({ prompt: 'a boat', model: 'nano-banana', userId: 'mira' })
    const { imageUrl } = (await now.json()) as { imageUrl?: string; queued?: boolean }
    // The worker may have been faster; then it is queued, as the guide says.
    expect(imageUrl === undefined || /\/pictures\/[\w-]+\.png$/.test(imageUrl)).toBe(true)
    expect((await post({ prompt: 'a boat', model: 'nano-banana', userId: 'jon' })).status()).toBe(401)
    expect((await post({ prompt: 'a boat', model: 'nobody-knows-it', userId: 'mira' })).status()).toBe(404)
    await context.close()
  }, 60_000)

  it('is without serious faults for assistive technology, in both schemes, and the browser complained of nothing', async () => {
    for (const colorScheme of ['light', 'dark'] as const) {
      const { page, context } = await visit('Mira', { colorScheme })
      await generate(page, `a garden, ${colorScheme}`)
      expect(await seriousViolations(page)).toEqual([])
      await context.close()
    }
    expect(complaints).toEqual([])
  }, 60_000)
})
