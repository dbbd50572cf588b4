import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { BrowserContextOptions, Page } from 'playwright-core'
import { expect, it } from 'vitest'
import {
  becomes,
  cardOf,
  DESKTOP,
  generateMany,
  PHONE,
  type Stage,
  stumblingBlocks,
} from '../support/stage.js'

/** Ignored by git; to be looked at by people. */
const PICTURES = join(import.meta.dirname, '../../test-output')
const TEST_MS = 90_000

const DEVICES: readonly (readonly [name: string, profile: BrowserContextOptions])[] = [
  ['desktop', { viewport: DESKTOP }],
  ['phone', { viewport: PHONE, deviceScaleFactor: 2, isMobile: true, hasTouch: true }],
]
const DONE = [
  'a fox in an autumn forest, first light',
  'a purple galaxy behind a small moon',
  'snow on a mountain at dawn',
  `an isometric cutaway of a tiny bakery, ${'warm windows, rain on the street, '.repeat(12)}at night`,
]
const LATER = [
  'a castle in the hills',
  'a whale under the northern lights',
  'a robot waiting for the last train',
]

const sidewaysScroll = (page: Page) =>
  page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth)

async function takeBoth(page: Page, view: string): Promise<string[]> {
  await page.evaluate(() => window.scrollTo(0, 0))
  expect([view, await sidewaysScroll(page)]).toEqual([view, 0])
  const blocks: string[] = []
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
    blocks.push(...(await stumblingBlocks(page)).map((block) => `${view}, ${colorScheme}: ${block}`))
    await page.screenshot({ path: join(PICTURES, `${view}-${colorScheme}.png`), fullPage: true })
  }
  return blocks
}

/** Pictures for people to look at; nothing in anybody's way, nothing wider than the screen. */
export function looksCases(stage: () => Stage): void {
  mkdirSync(PICTURES, { recursive: true })

  it.each(DEVICES)(
    'on a %s, light and dark',
    async (device, profile) => {
      const who = device === 'phone' ? 'Admin' : 'Mira'
      const door = await stage().visit(null, profile)
      const blocks = await takeBoth(door, `${device}-door`)
      const page = await stage().visit(who, profile)
      await page.getByText('Nothing yet', { exact: true }).waitFor()
      blocks.push(...(await takeBoth(page, `${device}-empty`)))
      await generateMany(page, [...DONE, `a storm on a ${device} [fail]`], 'flash-scanner-v2.5')
      await becomes(() => page.locator('.card.completed img').count()).toBe(DONE.length)
      await generateMany(page, ['slow pan over a harbour', ...LATER], 'kling-1.6')
      const [, , last = ''] = LATER
      await cardOf(page, last).locator('.position').waitFor()
      await page.getByRole('button', { name: `Cancel: ${last}` }).click()
      await page.locator('.card.cancelled').waitFor()
      blocks.push(...(await takeBoth(page, `${device}-busy`)))
      await cardOf(page, 'a tiny bakery').locator('button.frame').click()
      await page.getByRole('dialog').waitFor()
      blocks.push(...(await takeBoth(page, `${device}-viewer`)))
      expect(blocks).toEqual([])
    },
    TEST_MS,
  )
}
