import type { Page } from 'playwright-core'
import { expect, it } from 'vitest'
import { available, becomes, cardOf, generate, PATIENCE_MS, type Stage } from '../support/stage.js'

const TEST_MS = 60_000
const PROMPTS = [
  'a lighthouse at dusk',
  'a red fox in snow',
  'a city at night',
  'mountains and a lake',
  'two planets',
]
const NUMBER = /Position (\d+)/

/** What a card shows until its picture is there: its position each time it changes, then its status. */
async function watchCard(page: Page, prompt: string): Promise<(number | string)[]> {
  const seen: (number | string)[] = []
  const card = cardOf(page, prompt)
  const giveUpAt = Date.now() + PATIENCE_MS
  for (;;) {
    const text = (await card.textContent()) ?? ''
    const status = (await card.locator('.pill').textContent()) ?? ''
    const now = status === 'queued' ? Number(NUMBER.exec(text)?.[1] ?? 0) : status
    if (seen.at(-1) !== now && now !== 0) seen.push(now)
    if (now === 'completed') return seen
    if (Date.now() > giveUpAt) throw new Error(`${prompt}: only ${seen}`)
    await page.waitForTimeout(50)
  }
}

/** Pictures that the browser could draw. */
const drawn = (page: Page) =>
  page.locator('.card.completed img').evaluateAll((images) => {
    return images.filter((image) => image instanceof HTMLImageElement && image.naturalWidth > 0).length
  })

/** What an ordinary user does. */
export function shopCases(stage: () => Stage): void {
  it(
    'more requests than slots: positions count down, a countdown and the progress show, pictures appear',
    async () => {
      const page = await stage().visit('Mira')
      const before = await available(page)
      for (const prompt of PROMPTS) await generate(page, prompt)
      const model = page.locator('[data-model="flux-2-pro"]')
      await becomes(() => model.locator('.usage').textContent()).toBe('2 of 2 running, 3 waiting')
      expect(await page.locator('.outlook').textContent()).toMatch(
        /^All slots are taken: it waits about \d+ /,
      )
      const [last = ''] = PROMPTS.slice(-1)
      await cardOf(page, last).locator('.countdown').waitFor()
      await page.locator('.card.processing progress').first().waitFor()
      const seen = await watchCard(page, last)
      expect(seen.slice(-2)).toEqual(['processing', 'completed'])
      const positions = seen.slice(0, -2) as number[]
      expect(positions[0]).toBeGreaterThan(1)
      expect(positions.at(-1)).toBe(1)
      expect(positions).toEqual(positions.toSorted((a, b) => b - a))
      await becomes(() => drawn(page)).toBe(PROMPTS.length)
      await becomes(() => page.locator('.tickets').textContent()).toBe(`${before - PROMPTS.length} tickets`)
      await page.reload()
      await becomes(() => drawn(page)).toBe(PROMPTS.length)
    },
    TEST_MS,
  )

  it(
    'a cancel gives the ticket back, of one that waits and of one that runs',
    async () => {
      const page = await stage().visit('Mira')
      const before = await available(page)
      for (const name of ['one', 'two', 'three']) await generate(page, `forest ${name}`)
      await becomes(() => available(page)).toBe(before - 3)
      for (const [name, status] of [
        ['three', 'queued'],
        ['two', 'processing'],
      ]) {
        const card = cardOf(page, `forest ${name}`)
        await becomes(() => card.locator('.pill').textContent()).toBe(status)
        await card.getByRole('button', { name: `Cancel: forest ${name}` }).click()
        await becomes(() => card.locator('.pill').textContent()).toBe('cancelled')
      }
      await becomes(() => available(page)).toBe(before - 1)
      await becomes(() => cardOf(page, 'forest one').locator('.pill').textContent()).toBe('completed')
      await becomes(() => page.locator('.tickets').textContent()).toBe(`${before - 1} tickets`)
    },
    TEST_MS,
  )

  it('a long prompt is sent by keyboard, clipped on its card, and whole beside its picture; it can be used again', async () => {
    const page = await stage().visit('Mira')
    const prompt = `${'a tiny bakery at night, warm windows, rain on the street, '.repeat(30)}the end`
    await page.getByRole('radio', { name: 'nano-banana', exact: true }).check()
    await page.getByLabel('What should it show?').fill(prompt)
    await page.keyboard.press('Control+Enter')
    const card = cardOf(page, 'a tiny bakery')
    await card.locator('img').waitFor()
    expect(await page.getByLabel('What should it show?').inputValue()).toBe('')
    const height = await card.locator('.prompt').evaluate((node) => [node.clientHeight, node.scrollHeight])
    expect(height[0]).toBeLessThan(height[1] ?? 0)
    await card.locator('button.frame').click()
    const viewer = page.getByRole('dialog')
    expect(await viewer.locator('.whole').textContent()).toBe(prompt)
    await becomes(() => viewer.locator('dl').textContent()).toMatch(/Modelnano-banana.*Took/)
    await page.keyboard.press('Escape')
    await viewer.waitFor({ state: 'detached' })
    await card.locator('button.frame').click()
    await viewer.getByRole('button', { name: 'Use this prompt' }).click()
    expect(await page.getByLabel('What should it show?').inputValue()).toBe(prompt)
  })

  it('somebody without tickets is told so, and cannot send', async () => {
    const page = await stage().visit('Jon')
    await page.getByText('Nothing yet', { exact: true }).waitFor()
    for (const prompt of ['sea', 'hill', 'moon']) await generate(page, prompt)
    await page.getByText('You have no tickets left').waitFor()
    expect(await page.getByRole('button', { name: /^Generate/ }).isDisabled()).toBe(true)
    await page.getByRole('button', { name: 'Sign out Jon' }).click()
    await page.getByRole('heading', { name: 'Sign in as' }).waitFor()
    expect(await page.locator('.card').count()).toBe(0)
  })
}
