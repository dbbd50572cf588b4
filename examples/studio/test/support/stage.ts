import { createRequire } from 'node:module'
import type { Browser, BrowserContextOptions, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, expect } from 'vitest'
import { launch } from '../../../../packages/http/test/browser/support/chromium.js'
import { createWatch } from '../../../../packages/http/test/browser/support/watch.js'
import { type RunningApp, startApp } from './app.js'
import type { Environment } from './processes.js'

export const PATIENCE_MS = 20_000
export const DESKTOP = { width: 1280, height: 900 }
export const PHONE = { width: 390, height: 844 }
const START_MS = 60_000

export type Name = 'Mira' | 'Jon' | 'Admin'

/** What a page comes to show, however busy the machine is. */
export const becomes = <Value>(read: () => Promise<Value>) => expect.poll(read, { timeout: PATIENCE_MS })

/** The app of a group of tests, in a browser. */
export interface Stage {
  readonly url: string
  /** A fresh browser profile on the studio, signed in by a click unless nobody is named. */
  visit(name: Name | null, profile?: BrowserContextOptions): Promise<Page>
  /** A page of this test made the browser complain of this; anything else it complains of fails the test. */
  expectComplaint(text: RegExp): void
}

/** Starts the app for a group of tests. */
export function useApp(environment: Environment): () => string {
  let app: RunningApp
  beforeAll(async () => {
    app = await startApp(environment)
  }, START_MS)
  afterAll(() => app?.stop())
  return () => app.url
}

/** The app and a browser for a group of tests; a test in which the browser complained fails. */
export function useStage(environment: Environment): () => Stage {
  const url = useApp(environment)
  let browser: Browser
  let watch = createWatch()
  beforeAll(async () => {
    browser = await launch()
  })
  afterAll(() => browser?.close())
  afterEach(async () => {
    await Promise.all(browser.contexts().map((context) => context.close()))
    const complaints = watch.complaints()
    watch = createWatch()
    expect(complaints, 'what the browser complained of').toEqual([])
  })
  return () => ({
    url: url(),
    expectComplaint: watch.expect,
    async visit(name, profile = {}) {
      const context = await browser.newContext({ viewport: DESKTOP, locale: 'en-GB', ...profile })
      context.setDefaultTimeout(PATIENCE_MS)
      await watch.follow(context)
      const page = await context.newPage()
      await page.goto(url())
      if (name !== null) await signIn(page, name)
      return page
    },
  })
}

async function signIn(page: Page, name: Name): Promise<void> {
  await page.getByRole('button', { name: new RegExp(`^${name}`) }).click()
  await page.getByRole('button', { name: `Sign out ${name}` }).waitFor()
}

/** Asks for a picture as a person does, and waits for its card. */
export async function generate(page: Page, prompt: string): Promise<void> {
  await page.getByLabel('What should it show?').fill(prompt)
  await page.getByRole('button', { name: /^Generate/ }).click()
  await cardOf(page, prompt).waitFor()
}

/** Asks for several at once, by the request that the page would send. */
export async function generateMany(page: Page, prompts: readonly string[], model = 'flux-2-pro') {
  const { origin } = new URL(page.url())
  for (const prompt of prompts) {
    const data = { prompt, model }
    const answer = await page
      .context()
      .request.post(`${origin}/api/generate-safe`, { headers: { origin }, data })
    expect(answer.status()).toBe(200)
  }
}

export const cardOf = (page: Page, prompt: string) => page.locator('.card', { hasText: prompt }).first()

/** What the header shows: tickets that may be spent. */
export const available = async (page: Page) => Number(await page.locator('.tickets strong').textContent())

const axe = createRequire(import.meta.url).resolve('axe-core/axe.min.js')

/** What a person with a screen reader, a keyboard or weak eyes would stumble over. */
export async function stumblingBlocks(page: Page): Promise<string[]> {
  await page.addScriptTag({ path: axe })
  return page.evaluate(async () => {
    interface Violation {
      readonly id: string
      readonly impact: string
      readonly nodes: readonly { readonly target: readonly string[] }[]
    }
    const { run } = (globalThis as unknown as { axe: { run(): Promise<{ violations: Violation[] }> } }).axe
    const { violations } = await run()
    return violations
      .filter(({ impact }) => ['serious', 'critical'].includes(impact))
      .flatMap(({ id, nodes }) => nodes.map(({ target }) => `${id} ${target}`))
  })
}
