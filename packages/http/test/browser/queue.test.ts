import type { Page } from 'playwright-core'
import { describe, expect, it } from 'vitest'
import { answer, eventually, rowOf, said, shownIds, soon } from './support/page.js'
import { type Stage, useStage } from './support/stage.js'

const filter = (page: Page, name: string) => page.getByRole('search').getByLabel(name)
const question = (page: Page) => page.locator('dialog.ask')
const reserved = async ({ queue }: Stage) => (await queue.tickets.account('ada'))?.reserved

async function failed(stage: Stage, count: number, message = 'the provider was out of chairs') {
  const ids = await stage.enqueue(count)
  for (const queueId of ids) {
    const lease = await stage.queue.start(queueId)
    await stage.queue.fail(queueId, message, { lease, retry: false })
  }
  return ids
}

describe('the queue on the page', () => {
  const stage = useStage({ worker: false })

  it('filters stand in the address, survive a reload, and an action leaves them as they are', async () => {
    await failed(stage(), 1, 'no sheep were found')
    await stage().enqueue(2, { prompt: 'a Sheep on the moon' })
    await stage().enqueue(1, { modelId: 'veo' })
    const [bobs = 0] = await stage().enqueue(1, { userId: 'bob', prompt: 'another SHEEP', modelId: 'veo' })
    const page = await stage().open()
    await eventually(() => shownIds(page), [5, 4, 3, 2, 1])
    await filter(page, 'Text').fill('sheep')
    await eventually(() => shownIds(page), [5, 3, 2, 1])
    await filter(page, 'Status').selectOption('queued')
    await filter(page, 'Model').selectOption('veo')
    await filter(page, 'User').fill('bob')
    const query = '?text=sheep&status=queued&modelId=veo&userId=bob'
    await eventually(async () => new URL(page.url()).search, query)
    await eventually(() => shownIds(page), [bobs])
    await page.reload()
    await eventually(() => shownIds(page), [bobs])
    expect(
      await Promise.all(['Status', 'Model', 'User', 'Text'].map((name) => filter(page, name).inputValue())),
    ).toEqual(['queued', 'veo', 'bob', 'sheep'])
    await rowOf(page, bobs)
      .getByRole('button', { name: `Cancel generation ${bobs}` })
      .click()
    await answer(page, 'Cancel it')
    await eventually(() => shownIds(page), [])
    expect(await page.locator('#queue .empty').textContent()).toBe('No generation fits these filters.')
    expect(new URL(page.url()).search).toBe(query)
    await page.getByRole('button', { name: 'Show all' }).click()
    await eventually(() => shownIds(page), [5, 4, 3, 2, 1])
    expect(new URL(page.url()).search).toBe('')
    await page.getByTitle('Show failed generations').click()
    await eventually(() => shownIds(page), [1])
  })

  it('pages of 25, newest first, there and back', async () => {
    await stage().enqueue(60)
    const page = await stage().open()
    const ids = (from: number, to: number) => Array.from({ length: from - to + 1 }, (_, i) => from - i)
    await eventually(() => shownIds(page), ids(60, 36))
    await page.getByRole('button', { name: 'Older' }).click()
    await eventually(() => shownIds(page), ids(35, 11))
    expect(new URL(page.url()).search).toBe('?cursor=36')
    await page.getByRole('button', { name: 'Older' }).click()
    await eventually(() => shownIds(page), ids(10, 1))
    expect(await page.getByRole('button', { name: 'Older' }).isDisabled()).toBe(true)
    await page.getByRole('button', { name: 'Newer' }).click()
    await eventually(() => shownIds(page), ids(35, 11))
    await page.reload()
    await eventually(() => shownIds(page), ids(35, 11))
    await page.getByRole('button', { name: 'Newer' }).click()
    await eventually(() => shownIds(page), ids(60, 36))
    expect(await page.getByRole('button', { name: 'Newer' }).isDisabled()).toBe(true)
  })

  it('a cancel asks first, refunds, and says so; saying no changes nothing', async () => {
    const [queueId = 0] = await stage().enqueue(1, { ticketCost: 7 })
    const page = await stage().open()
    const cancel = rowOf(page, queueId).getByRole('button', { name: `Cancel generation ${queueId}` })
    await cancel.click()
    expect(await question(page).textContent()).toContain('7 reserved tickets go back.')
    await answer(page, 'Keep as it is')
    expect(await stage().queue.status(queueId)).toMatchObject({ status: 'queued' })
    expect(await reserved(stage())).toBe(7)
    await cancel.click()
    await answer(page, 'Cancel it')
    await said(page, `Generation ${queueId} is cancelled`)
    await eventually(() => rowOf(page, queueId).locator('.pill').textContent(), 'cancelled')
    expect(await reserved(stage())).toBe(0)
    expect(await rowOf(page, queueId).locator('.error').textContent()).toBe('cancelled by an admin')
  })

  it('a failed one is retried, with its tickets reserved anew', async () => {
    const [queueId = 0] = await failed(stage(), 1)
    const page = await stage().open()
    await rowOf(page, queueId)
      .getByRole('button', { name: `Retry generation ${queueId}` })
      .click()
    expect(await question(page).textContent()).toContain('1 ticket is reserved anew')
    await answer(page, 'Retry it')
    await said(page, `Generation ${queueId} is queued again`)
    await eventually(() => rowOf(page, queueId).locator('td').first().textContent(), 'queuedposition 1')
    expect(await reserved(stage())).toBe(1)
  })

  it('an action that came too late says so and leaves the question open', async () => {
    const [queueId = 0] = await stage().enqueue(1)
    const page = await stage().open()
    await rowOf(page, queueId)
      .getByRole('button', { name: `Cancel generation ${queueId}` })
      .click()
    const lease = await stage().queue.start(queueId)
    await stage().queue.complete(queueId, 'https://img.example/1.png', { lease })
    stage().expectComplaint(/409 .*\/cancel/)
    await question(page).getByRole('button', { name: 'Cancel it' }).click()
    await question(page).locator('.note.bad').waitFor()
    expect(await question(page).locator('.note.bad').textContent()).toContain('completed')
    await answer(page, 'Close')
    await soon(page, () => rowOf(page, queueId).locator('.pill').textContent(), 'completed')
  })

  it('bulk: what is filtered is counted first, then cancelled, then retried; the rest is left alone', async () => {
    const kept = await stage().enqueue(2, { modelId: 'veo' })
    const ids = await stage().enqueue(30, { ticketCost: 2 })
    const page = await stage().open({ path: '/admin/queue?modelId=flux' })
    await page.getByRole('button', { name: 'Cancel all shown' }).click()
    await question(page).waitFor()
    expect(await question(page).textContent()).toMatch(
      /^Cancel 30 generations\?60 reserved tickets go back\./,
    )
    expect(await reserved(stage())).toBe(62)
    await answer(page, 'Cancel 30')
    await said(page, '30 generations cancelled')
    expect(await reserved(stage())).toBe(2)
    expect((await stage().queue.list({ status: 'queued' })).generations.map((g) => g.queueId)).toEqual(
      [...kept].reverse(),
    )
    expect(new URL(page.url()).search).toBe('?modelId=flux')
    await page.getByRole('button', { name: 'Retry all shown' }).click()
    await question(page).waitFor()
    expect(await question(page).locator('h2').textContent()).toBe('Retry 30 generations?')
    await answer(page, 'Retry 30')
    await said(page, '30 generations queued again')
    expect(await reserved(stage())).toBe(62)
    expect((await stage().queue.list({ status: 'queued', modelId: 'flux' })).generations).toHaveLength(
      ids.length,
    )
    await filter(page, 'Status').selectOption('failed')
    await page.getByRole('button', { name: 'Cancel all shown' }).click()
    await said(page, 'None of the generations shown is queued or processing')
  })

  it('clear completed removes what is completed or cancelled, after a question, and nothing else', async () => {
    const [bad = 0] = await failed(stage(), 1)
    const [done = 0, waiting = 0] = await stage().enqueue(2)
    await stage().queue.complete(done, 'https://img.example/1.png', {
      lease: await stage().queue.start(done),
    })
    const [cancelled = 0] = await stage().enqueue(1)
    await stage().queue.cancel(cancelled)
    const page = await stage().open({ path: '/admin/queue?userId=ada' })
    await eventually(() => shownIds(page), [cancelled, waiting, done, bad])
    await page.getByRole('button', { name: 'Clear completed' }).click()
    expect(await question(page).textContent()).toContain('Failed ones stay')
    await answer(page, 'Clear completed')
    await said(page, '2 generations removed')
    await eventually(() => shownIds(page), [waiting, bad])
    expect(new URL(page.url()).search).toBe('?userId=ada')
  })

  it('a question is answered by keyboard alone: focus stays in it, Escape leaves it, and focus comes back', async () => {
    const [queueId = 0] = await stage().enqueue(1)
    const page = await stage().open()
    await rowOf(page, queueId).waitFor()
    const focused = () =>
      page.evaluate(
        () => document.activeElement?.getAttribute('aria-label') ?? document.activeElement?.textContent,
      )
    const opener = `Cancel generation ${queueId}`
    await page.getByRole('button', { name: `Details of generation ${queueId}` }).focus()
    for (let presses = 0; (await focused()) !== opener && presses < 10; presses++)
      await page.keyboard.press('Tab')
    expect(await focused()).toBe(opener)
    await page.keyboard.press('Enter')
    await question(page).waitFor()
    expect(await focused()).toBe('Keep as it is')
    const inside: (boolean | undefined)[] = []
    for (let presses = 0; presses < 6; presses++) {
      await page.keyboard.press(presses < 4 ? 'Tab' : 'Shift+Tab')
      // The browser's own controls come after the last button; the page behind never does.
      inside.push(
        await page.evaluate(
          () =>
            document.activeElement === document.body || document.activeElement?.closest('dialog') !== null,
        ),
      )
    }
    expect(inside).toEqual(inside.map(() => true))
    await page.keyboard.press('Escape')
    await question(page).waitFor({ state: 'detached' })
    expect(await focused()).toBe(opener)
    expect(await stage().queue.status(queueId)).toMatchObject({ status: 'queued' })
    await page.keyboard.press('Enter')
    await page.keyboard.press('Tab')
    expect(await focused()).toBe('Cancel it')
    await page.keyboard.press('Enter')
    await said(page, `Generation ${queueId} is cancelled`)
  })
})
