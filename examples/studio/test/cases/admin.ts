import type { Page } from 'playwright-core'
import { expect, it } from 'vitest'
import {
  answer,
  eventually,
  modelRow,
  rowOf,
  said,
  shownIds,
  soon,
} from '../../../../packages/http/test/browser/support/page.js'
import { becomes, cardOf, generate, generateMany, type Stage } from '../support/stage.js'

const TEST_MS = 60_000

async function openAdmin(stage: Stage): Promise<Page> {
  const page = await stage.visit('Admin')
  await page.getByRole('link', { name: 'Queue management' }).click()
  await page.getByRole('heading', { name: 'Queue management' }).waitFor()
  return page
}

const statusOf = (page: Page, prompt: string) => cardOf(page, prompt).locator('.pill').textContent()
const filterOf = (page: Page, name: string) => page.getByRole('search').getByLabel(name)

/** What an admin does on the page while users use the studio. */
export function adminCases(stage: () => Stage): void {
  it(
    'a failed one is retried from the admin page, after a question, and its picture comes',
    async () => {
      const user = await stage().visit('Mira')
      await generate(user, 'a storm [fail]')
      await cardOf(user, 'a storm').locator('.problem').waitFor()
      await becomes(() => user.locator('.tickets').textContent()).toBe('40 tickets')
      const admin = await openAdmin(stage())
      await admin.getByTitle('Show failed generations').click()
      await eventually(async () => (await shownIds(admin)).length, 1)
      const [queueId = 0] = await shownIds(admin)
      await rowOf(admin, queueId)
        .getByRole('button', { name: `Retry generation ${queueId}` })
        .click()
      expect(await admin.locator('dialog.ask').textContent()).toContain('1 ticket is reserved anew')
      await answer(admin, 'Retry it')
      await said(admin, `Generation ${queueId} is queued again`)
      await cardOf(user, 'a storm').locator('img').waitFor()
      await becomes(() => user.locator('.tickets').textContent()).toBe('39 tickets')
    },
    TEST_MS,
  )

  it(
    'a limit edit takes effect while generations run and wait',
    async () => {
      const user = await stage().visit('Mira')
      const running = () => user.locator('[data-model="kling-1.6"] .usage').textContent()
      const admin = await openAdmin(stage())
      await generateMany(
        user,
        ['a', 'b', 'c', 'd', 'e', 'f'].map((name) => `harbour ${name}`),
        'kling-1.6',
      )
      await becomes(running).toBe('2 of 2 running, 4 waiting')
      const limit = admin.getByLabel('Limit of kling-1.6', { exact: true })
      await limit.fill('5')
      await modelRow(admin, 'kling-1.6').getByRole('button', { name: 'Save the limit of kling-1.6' }).click()
      await said(admin, 'kling-1.6 may now run 5 at once')
      await becomes(running).toBe('5 of 5 running, 1 waiting')
      await soon(
        admin,
        () => modelRow(admin, 'kling-1.6').locator('.usage').textContent(),
        '5 / 5At capacity',
      )
      await filterOf(admin, 'Model').selectOption('kling-1.6')
      await admin.getByRole('button', { name: 'Cancel all shown' }).click()
      await answer(admin, 'Cancel 6')
      await said(admin, '6 generations cancelled')
      await becomes(running).toBe('0 of 5 running')
    },
    TEST_MS,
  )
}

/** What an admin sees of it, and what others do not. */
export function adminViewCases(stage: () => Stage): void {
  it(
    'filters stand in the address and survive a reload; clear completed asks, removes, and leaves the rest',
    async () => {
      const user = await stage().visit('Mira')
      await generate(user, 'a kept storm [fail]')
      await becomes(() => statusOf(user, 'a kept storm')).toBe('failed')
      await generate(user, 'a clearing')
      await becomes(() => statusOf(user, 'a clearing')).toBe('completed')
      const admin = await openAdmin(stage())
      await filterOf(admin, 'Status').selectOption('completed')
      await filterOf(admin, 'User').fill('mira')
      await filterOf(admin, 'Text').fill('clearing')
      await eventually(async () => (await shownIds(admin)).length, 1)
      const shown = await shownIds(admin)
      const search = '?status=completed&userId=mira&text=clearing'
      await eventually(async () => new URL(admin.url()).search, search)
      await admin.reload()
      await eventually(() => shownIds(admin), shown)
      expect(
        await Promise.all(['Status', 'User', 'Text'].map((name) => filterOf(admin, name).inputValue())),
      ).toEqual(['completed', 'mira', 'clearing'])
      await admin.getByRole('button', { name: 'Clear completed' }).click()
      await answer(admin, 'Clear completed')
      await said(admin, /generations removed$/)
      await eventually(() => shownIds(admin), [])
      expect(new URL(admin.url()).search).toBe(search)
      await becomes(() => cardOf(user, 'a clearing').count()).toBe(0)
      expect(await statusOf(user, 'a kept storm')).toBe('failed')
    },
    TEST_MS,
  )

  it('an ordinary user gets nothing of the admin surface, and a stranger less', async () => {
    const page = await stage().visit('Jon')
    expect(await page.getByRole('link', { name: 'Queue management' }).count()).toBe(0)
    const stranger = await stage().visit(null)
    for (const [who, status] of [
      [page, 403],
      [stranger, 401],
    ] as const) {
      for (const path of [
        '/admin/queue',
        '/admin/queue/assets/0/main.js',
        '/api/admin/queue/stats',
        '/api/admin/queue/items',
      ]) {
        const response = await who.context().request.get(stage().url + path)
        expect([path, response.status()]).toEqual([path, status])
        expect(await response.text()).not.toMatch(/storm|flux|queueId|script/)
      }
      stage().expectComplaint(new RegExp(`${status} .*/admin/queue`))
      // The browser asks for one beside a page that names none.
      stage().expectComplaint(/favicon/)
      await who.goto(`${stage().url}/admin/queue`)
      expect(await who.locator('body').textContent()).toBe('Sign in as an admin to see this page.\n')
    }
    expect((await stranger.context().request.get(`${stage().url}/api/queue/mine`)).status()).toBe(401)
  })
}
