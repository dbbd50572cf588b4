import type { Locator, Page } from 'playwright-core'
import { expect } from 'vitest'

const PATIENCE_MS = 8_000
const LOOK_MS = 60

/** Waits until `read` answers `wanted`; the message of a failure tells what it answered last. */
export async function eventually<Value>(read: () => Promise<Value>, wanted: Value): Promise<void> {
  const until = Date.now() + PATIENCE_MS
  for (;;) {
    const value = await read()
    if (JSON.stringify(value) === JSON.stringify(wanted)) return
    if (Date.now() > until) return expect(value).toEqual(wanted)
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS))
  }
}

/** The same, but the page looks at once, as one that comes to the front does, and not only in five seconds. */
export const soon = <Value>(page: Page, read: () => Promise<Value>, wanted: Value): Promise<void> =>
  eventually(async () => {
    await page.evaluate(() => document.dispatchEvent(new Event('visibilitychange')))
    return read()
  }, wanted)

/** The number on the card of this name. */
export const card = async (page: Page, name: string): Promise<string | null> =>
  page
    .locator('.card', { has: page.getByText(name, { exact: true }) })
    .locator('strong')
    .textContent()

/** The row of a generation in the viewer. */
export const rowOf = (page: Page, queueId: number): Locator =>
  page.locator('table.items tbody tr', {
    has: page.getByRole('button', { name: `Details of generation ${queueId}`, exact: true }),
  })

export const modelRow = (page: Page, modelId: string): Locator =>
  page.locator('table.models tbody tr', { has: page.locator('.model', { hasText: modelId }) })

/** Ids of the generations that are shown, in the order shown. */
export const shownIds = async (page: Page): Promise<number[]> =>
  (await page.locator('table.items tbody tr th').allTextContents()).map((text) => Number(text.slice(1)))

/** Waits until the page says this. */
export const said = (page: Page, text: string | RegExp): Promise<void> =>
  page.locator('.toast', { hasText: text }).first().waitFor()

/** Answers the question that is open by the button of this name, and waits until it is gone. */
export async function answer(page: Page, button: string): Promise<void> {
  await page.locator('dialog.ask').getByRole('button', { name: button, exact: true }).click()
  await page.locator('dialog.ask').waitFor({ state: 'detached' })
}
