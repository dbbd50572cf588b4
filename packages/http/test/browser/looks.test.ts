import { mkdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { DEFAULT_MODELS } from '@genqueue/core'
import axe from 'axe-core'
import type { Page } from 'playwright-core'
import { describe, expect, it } from 'vitest'
import { cancelWithoutRefund } from './support/drift.js'
import { playDay } from './support/history.js'
import { eventually, soon } from './support/page.js'
import { DESKTOP, PHONE, type Stage, useStage } from './support/stage.js'

/** Ignored by git; to be looked at by people. */
const PICTURES = fileURLToPath(new URL('../../test-output/', import.meta.url))
mkdirSync(PICTURES, { recursive: true })

/** What a person with a screen reader, a keyboard or weak eyes would stumble over. */
async function stumblingBlocks(page: Page): Promise<string[]> {
  const { violations } = (await page.evaluate(
    `${axe.source}; axe.run(document, { resultTypes: ['violations'] })`,
  )) as axe.AxeResults
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .flatMap(({ id, nodes }) =>
      nodes.map(({ target, failureSummary }) => `${id} ${target} ${failureSummary}`),
    )
}

async function busyShop(stage: Stage): Promise<number> {
  const ids = await stage.enqueue(6, { modelId: 'flux-2-pro', prompt: 'a lighthouse in the fog, at dusk' })
  await stage.enqueue(2, { modelId: 'kling-1.6', userId: 'bob', prompt: 'slow pan over a harbour at dawn' })
  await stage.enqueue(4, { modelId: 'flash-scanner-v2.5', userId: 'grace@studio.example' })
  await stage.queue.limits.set('haiper-2.0', { paused: true })
  await stage.queue.limits.set('nano-banana', { maxConcurrent: 30 })
  await stage.enqueue(9, { modelId: 'nano-banana', userId: 'bob' })
  await stage.renderer.fail(ids[0] as number, 'provider answered 500: something went wrong on their side')
  const [lost = 0] = await stage.enqueue(1, { modelId: 'haiper-2.0', userId: 'bob' })
  await cancelWithoutRefund(stage.storage, lost)
  return ids[1] as number
}

const sidewaysScroll = (page: Page) =>
  page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth)

/** What of the tables of models and generations is beyond the right edge of their panels. */
const cutOff = (page: Page) =>
  page
    .locator('.panel.scroll')
    .evaluateAll((panels) => panels.map(({ scrollWidth, clientWidth }) => scrollWidth - clientWidth))

const DEVICES = [
  ['desktop', { viewport: DESKTOP }],
  ['phone', { viewport: PHONE, deviceScaleFactor: 2, isMobile: true, hasTouch: true }],
] as const

/** Axe builds elements from text, which the page's policy rightly stops: it works beside the policy. */
const UNDISTURBED = { bypassCSP: true, reducedMotion: 'reduce' } as const

/** Pictures of a view in both schemes, and what somebody would stumble over in it. */
async function takeBoth(page: Page, view: string, fullPage = false): Promise<string[]> {
  expect([view, await sidewaysScroll(page)]).toEqual([view, 0])
  const blocks: string[] = []
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme })
    blocks.push(...(await stumblingBlocks(page)).map((block) => `${view}, ${colorScheme}: ${block}`))
    await page.screenshot({ path: `${PICTURES}${view}-${colorScheme}.png`, fullPage })
  }
  return blocks
}

describe('how the page looks', () => {
  const stage = useStage({ models: DEFAULT_MODELS, before: playDay })

  it.each(DEVICES)(
    'on a %s, light and dark: nothing in the way of anybody, nothing wider than the screen',
    async (device, profile) => {
      const running = await busyShop(stage())
      const page = await stage().open({ ...profile, ...UNDISTURBED })
      const blocks: string[] = []
      const take = async (name: string, fullPage = false) => {
        blocks.push(...(await takeBoth(page, `${device}-${name}`, fullPage)))
      }
      await soon(page, () => page.locator('.models .mark', { hasText: 'At capacity' }).count(), 2)
      await page.getByPlaceholder('User id').fill('ada')
      await page.getByRole('button', { name: 'Show', exact: true }).click()
      await page.locator('.account').waitFor()
      await page.getByRole('button', { name: 'Check now' }).click()
      await page.locator('.findings').waitFor()
      for (const fold of ['Add a model', 'The same as a table']) await page.getByText(fold).click()
      await page.evaluate(() => window.scrollTo(0, 0))
      if (device === 'desktop') expect(await cutOff(page)).toEqual([0, 0])
      await take('page', true)
      await page.getByRole('button', { name: 'Cancel all shown' }).click()
      await page.locator('dialog.ask').waitFor()
      await take('question')
      await page.keyboard.press('Escape')
      const limit = page.getByLabel('Limit of flux-2-pro', { exact: true })
      await limit.fill('51')
      await limit.evaluate((field) => field.scrollIntoView({ block: 'center' }))
      await take('limit')
      await page.keyboard.press('Escape')
      await page.goto(`${page.url()}?item=${running}`)
      await eventually(() => page.locator('.drawer .timeline li').count(), 2)
      await take('detail')
      expect(blocks).toEqual([])
    },
  )
})

describe('how the page looks before the first customer came', () => {
  const stage = useStage({ models: DEFAULT_MODELS })

  it.each(DEVICES)('on a %s', async (device, profile) => {
    const page = await stage().open({ ...profile, ...UNDISTURBED })
    await page.getByText('No generations yet.').waitFor()
    expect(await takeBoth(page, `${device}-empty`, true)).toEqual([])
  })
})
