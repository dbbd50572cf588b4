import type { Page } from 'playwright-core'
import { describe, expect, it } from 'vitest'
import { card, eventually, modelRow, rowOf, said, soon } from './support/page.js'
import { useStage } from './support/stage.js'

const EVERY_MS = 5_000

/** The times at which a page asked for statistics. */
function looksOf(page: Page): number[] {
  const times: number[] = []
  page.on('request', (request) => {
    if (request.url().endsWith('/stats')) times.push(Date.now())
  })
  return times
}

/** Headless pages are never hidden by the browser itself, so the page is told what a hidden one would be told. */
async function setHidden(page: Page, hidden: boolean): Promise<void> {
  await page.evaluate((value) => {
    Object.defineProperty(document, 'hidden', { configurable: true, get: () => value })
    document.dispatchEvent(new Event('visibilitychange'))
  }, hidden)
}

describe('the page while things happen', () => {
  const stage = useStage()

  it('looks again every five seconds; one that is hidden or paused rests, until it is not', async () => {
    const [seen, hidden, paused] = await Promise.all([stage().open(), stage().open(), stage().open()])
    const pages = [seen, hidden, paused]
    for (const page of pages) await eventually(() => card(page, 'Queued'), '0')
    await setHidden(hidden, true)
    await paused.getByRole('button', { name: 'Pause', exact: true }).click()
    const looks = pages.map(looksOf)
    const before = await seen.locator('.updated').textContent()
    expect(before).toMatch(/^Updated \d\d:\d\d:\d\d$/)
    await stage().enqueue(3)
    await seen.waitForTimeout(EVERY_MS + 700)
    expect(looks.map(({ length }) => length)).toEqual([1, 0, 0])
    expect([await card(seen, 'Processing'), await card(seen, 'Queued')]).toEqual(['2', '1'])
    expect(await seen.locator('.updated').textContent()).not.toBe(before)
    expect(await card(hidden, 'Queued')).toBe('0')
    await setHidden(hidden, false)
    await paused.locator('#live').getByRole('button', { name: 'Resume' }).click()
    for (const page of [hidden, paused]) await eventually(() => card(page, 'Queued'), '1')
  })

  it('more requests than slots: they wait in line, and each end moves the line up', async () => {
    const ids = await stage().enqueue(5)
    const page = await stage().open()
    const notes = () =>
      Promise.all(ids.map(async (id) => (await rowOf(page, id).locator('td').first().textContent()) ?? ''))
    await soon(page, notes, [
      'processing50 %',
      'processing50 %',
      'queuedposition 1',
      'queuedposition 2',
      'queuedposition 3',
    ])
    expect(await modelRow(page, 'flux').locator('.usage').textContent()).toBe('2 / 2At capacity')
    await stage().renderer.finish(ids[0] as number)
    await soon(page, notes, [
      'completed',
      'processing50 %',
      'processing50 %',
      'queuedposition 1',
      'queuedposition 2',
    ])
    await stage().renderer.fail(ids[1] as number, 'the provider was out of chairs')
    await soon(page, notes, ['completed', 'failed', 'processing50 %', 'processing50 %', 'queuedposition 1'])
    expect(
      await rowOf(page, ids[1] as number)
        .locator('.error')
        .textContent(),
    ).toBe('the provider was out of chairs')
  })

  it('a limit edit takes effect while generations run, and only a limit of 1 to 50 can be saved', async () => {
    await stage().enqueue(6)
    const page = await stage().open()
    const row = modelRow(page, 'flux')
    const usage = () => row.locator('.of').textContent()
    await soon(page, usage, '2 / 2')
    const field = row.getByLabel('Limit of flux', { exact: true })
    const save = row.getByRole('button', { name: 'Save the limit of flux' })
    for (const wrong of ['0', '51', '2.5', '-1', '']) {
      await field.fill(wrong)
      expect([wrong, await row.getByRole('alert').textContent()]).toEqual([
        wrong,
        'A whole number from 1 to 50',
      ])
      expect(await field.getAttribute('aria-invalid')).toBe('true')
      expect(await save.isDisabled()).toBe(true)
      await field.press('Enter')
    }
    expect(await stage().queue.limits.get('flux')).toMatchObject({ maxConcurrent: 2 })
    await field.fill('4')
    await field.press('Enter')
    await said(page, 'flux may now run 4 at once')
    await soon(page, usage, '4 / 4')
    expect(stage().renderer.running()).toHaveLength(4)
    await field.fill('1')
    await save.click()
    await soon(page, () => row.locator('.usage').textContent(), '4 / 1Over the new limit')
    expect(stage().renderer.running()).toHaveLength(4)
  })

  it('a paused model starts nothing until it is resumed', async () => {
    const page = await stage().open()
    const row = modelRow(page, 'veo')
    await row.getByRole('button', { name: 'Pause veo' }).click()
    await said(page, 'veo is paused; what runs goes on')
    const [queueId = 0] = await stage().enqueue(1, { modelId: 'veo' })
    await soon(page, () => row.locator('.mark').textContent(), 'Paused')
    await soon(page, () => row.locator('td').nth(1).textContent(), '1')
    expect(stage().renderer.running()).toEqual([])
    await row.getByRole('button', { name: 'Resume veo' }).click()
    await said(page, 'veo starts generations again')
    await soon(page, async () => stage().renderer.running(), [queueId])
  })

  it('a model is added, and the charts show what ended', async () => {
    const page = await stage().open()
    await page.getByText('Add a model').click()
    await page.getByRole('textbox', { name: 'Model id' }).fill('sora')
    await page.getByRole('combobox', { name: 'Type' }).selectOption('video')
    await page.getByRole('spinbutton', { name: 'Limit', exact: true }).fill('3')
    await page.getByRole('button', { name: 'Add', exact: true }).click()
    await said(page, 'sora may run 3 generations at once')
    await modelRow(page, 'sora').waitFor()
    const [first = 0, second = 0] = await stage().enqueue(2)
    await stage().renderer.finish(first)
    await stage().renderer.fail(second, 'no')
    await page.reload()
    const throughput = page.getByRole('img', { name: 'Generations that ended in each of the last 24 hours' })
    await throughput.waitFor()
    expect(await throughput.locator('rect.bar.completed').count()).toBe(1)
    expect(await throughput.locator('rect.bar.failed title').textContent()).toMatch(/: 1 failed$/)
    expect(
      await page
        .getByRole('img', { name: /Wait from queued to started/ })
        .locator('circle')
        .count(),
    ).toBe(2)
    expect(await page.locator('table.heat tbody tr').count()).toBe(3)
    await page.getByLabel('Model of the charts').selectOption('veo')
    await soon(page, () => throughput.locator('rect.bar').count(), 0)
    await page.getByText('The same as a table').click()
    await page.getByLabel('Model of the charts').selectOption('')
    await soon(page, () => page.locator('table.figures tbody tr').count(), 1)
  })
})
