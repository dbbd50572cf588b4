import type { Page } from 'playwright-core'
import { describe, expect, it } from 'vitest'
import { cancelWithoutRefund } from './support/drift.js'
import { answer, eventually, rowOf, said, soon } from './support/page.js'
import { type Stage, useStage } from './support/stage.js'

const drawer = (page: Page) => page.locator('dialog.drawer')
const timeline = (page: Page) => drawer(page).locator('.timeline li > span').allTextContents()
const account = ({ queue }: Stage) => queue.tickets.account('ada')

describe('the tools on the page', () => {
  const stage = useStage({ worker: false })

  it("a generation's detail: what it is, its timeline and its ticket entries, kept in the address", async () => {
    const { queue } = stage()
    const [queueId = 0] = await stage().enqueue(1, {
      ticketCost: 3,
      parameters: { steps: 20 },
      metadata: { order: 'A-17' },
    })
    const page = await stage().open()
    await rowOf(page, queueId)
      .getByRole('button', { name: `Details of generation ${queueId}` })
      .click()
    await eventually(() => timeline(page), ['Queued, tickets reserved'])
    expect(new URL(page.url()).search).toBe(`?item=${queueId}`)
    const lease = await queue.start(queueId)
    await queue.heartbeat(queueId, lease, 0.25)
    await soon(page, () => timeline(page), ['Queued, tickets reserved', 'Started: slot and lease taken'])
    const facts = async () => (await drawer(page).locator('.facts').textContent()) ?? ''
    for (const fact of ['Progress25 %', 'Tickets3 tickets reserved', 'Attempts1 of 1', 'Lease until'])
      expect(await facts()).toContain(fact)
    await queue.complete(queueId, 'https://img.example/1.png', { lease })
    await page.reload()
    await eventually(
      () => timeline(page),
      ['Queued, tickets reserved', 'Started: slot and lease taken', 'Completed, tickets captured'],
    )
    expect(await facts()).toContain('Tickets3 of 3 captured')
    const entries = await drawer(page).locator('.ledger tbody tr').allTextContents()
    expect(entries).toEqual(['reserve31003', 'capture3970'])
    expect(await drawer(page).getByRole('link').getAttribute('href')).toBe('https://img.example/1.png')
    await drawer(page).getByText('Parameters').click()
    expect(await drawer(page).locator('pre').first().textContent()).toContain('"steps": 20')
    await page.keyboard.press('Escape')
    await eventually(async () => [await drawer(page).isVisible(), new URL(page.url()).search], [false, ''])
    stage().expectComplaint(/ERR_|Failed to load resource.*img\.example/)
  })

  it('a detail that was closed stays closed, however late its answer comes', async () => {
    const [queueId = 0] = await stage().enqueue(1)
    const page = await stage().open()
    await page.route(`**/items/${queueId}`, async (route) => {
      await new Promise((resolve) => setTimeout(resolve, 300))
      await route.continue()
    })
    const answered = page.waitForResponse(`**/items/${queueId}`)
    await rowOf(page, queueId)
      .getByRole('button', { name: `Details of generation ${queueId}` })
      .click()
    await drawer(page).waitFor()
    await page.keyboard.press('Escape')
    await answered
    await page.waitForTimeout(100)
    expect([await drawer(page).isVisible(), new URL(page.url()).search]).toEqual([false, ''])
  })

  it('tickets are granted and revoked, each once, and the history tells', async () => {
    const page = await stage().open()
    await page.getByPlaceholder('User id').fill('ada')
    await page.getByRole('button', { name: 'Show', exact: true }).click()
    const form = page.getByRole('form', { name: 'Tickets of ada' })
    await form.getByLabel('Tickets').fill('25')
    await form.getByLabel('Memo').fill('sorry for the wait')
    await form.getByRole('button', { name: 'Grant' }).click()
    await answer(page, 'Grant')
    await eventually(async () => (await account(stage()))?.balance, 125)
    const history = () => page.locator('table.history tbody tr td:nth-child(2)').allTextContents()
    await eventually(history, ['grant', 'grant'])
    expect(await page.locator('table.history tbody tr').first().textContent()).toContain('sorry for the wait')
    await form.getByLabel('Tickets').fill('5')
    await form.getByRole('button', { name: 'Revoke' }).click()
    await answer(page, 'Revoke')
    await eventually(history, ['revoke', 'grant', 'grant'])
    expect(await account(stage())).toMatchObject({ balance: 120, reserved: 0 })
    await form.getByLabel('Tickets').fill('1000')
    await form.getByRole('button', { name: 'Revoke' }).click()
    stage().expectComplaint(/402 .*\/tickets\/ada/)
    await page.locator('dialog.ask').getByRole('button', { name: 'Revoke' }).click()
    await page.locator('dialog.ask .note.bad').waitFor()
    await answer(page, 'Close')
    expect(await account(stage())).toMatchObject({ balance: 120 })
  })

  it('a long history comes in pages', async () => {
    for (let i = 0; i < 24; i++) await stage().queue.tickets.grant('bob', 1)
    await stage().enqueue(1, { userId: 'bob' })
    const page = await stage().open()
    await page.getByTitle('Show the tickets of').first().click()
    const rows = () => page.locator('table.history tbody tr').count()
    await eventually(rows, 10)
    await page.getByRole('button', { name: 'Older entries' }).click()
    await eventually(rows, 20)
    await page.getByRole('button', { name: 'Older entries' }).click()
    await eventually(rows, 26)
    expect(await page.getByRole('button', { name: 'Older entries' }).isVisible()).toBe(false)
  })

  it('health: all laws hold; a drift is found, shown before it is repaired, and repaired', async () => {
    const [lost = 0] = await stage().enqueue(2)
    const page = await stage().open()
    const verdict = () => page.locator('.verdict').evaluate((node) => node.firstChild?.textContent ?? '')
    await page.getByRole('button', { name: 'Check now' }).click()
    await eventually(verdict, 'All laws hold')
    expect(await page.getByRole('button', { name: 'Repair…' }).isVisible()).toBe(false)
    await cancelWithoutRefund(stage().storage, lost)
    await page.getByRole('button', { name: 'Check now' }).click()
    await eventually(verdict, '1 finding')
    const found = await page.locator('#health .findings li').first().textContent()
    await page.getByRole('button', { name: 'Repair…' }).click()
    expect(await page.locator('dialog.ask .findings li').first().textContent()).toBe(found)
    await answer(page, 'Keep as it is')
    expect((await stage().queue.verify()).ok).toBe(false)
    await page.getByRole('button', { name: 'Repair…' }).click()
    await answer(page, 'Repair now')
    await said(page, '1 finding repaired, nothing remains')
    await eventually(verdict, 'All laws hold')
    expect((await stage().queue.verify()).ok).toBe(true)
    expect(await account(stage())).toMatchObject({ reserved: 1 })
  })
})
