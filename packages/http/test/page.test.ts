import { readdirSync, readFileSync } from 'node:fs'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { openSite, type Site } from './support.js'

describe('the admin page', () => {
  let site: Site
  beforeEach(async () => {
    site = await openSite()
  })
  afterEach(() => site.queue.close())

  /** Every file that the page or one of its modules names. */
  async function filesOf(): Promise<string[]> {
    const { text } = await site.call('GET', '/admin/queue', { as: 'root' })
    const found = [...text.matchAll(/(?:href|src)="(\/[^"]+)"/g)].map(([, path]) => path as string)
    for (const path of found) {
      const module = await site.call('GET', path, { as: 'root' })
      const folder = path.slice(0, path.lastIndexOf('/'))
      for (const [, name] of module.text.matchAll(/from '\.\/([\w-]+\.js)'/g)) {
        if (!found.includes(`${folder}/${name}`)) found.push(`${folder}/${name}`)
      }
    }
    return [...new Set(found)]
  }

  it('comes whole from here: every file it names is there, under an address that never changes its content', async () => {
    const files = await filesOf()
    expect(files.length).toBeGreaterThan(20)
    for (const path of files) {
      const { status, headers, text } = await site.call('GET', path, { as: 'root' })
      expect([path, status]).toEqual([path, 200])
      expect(headers.get('cache-control')).toBe('private, max-age=31536000, immutable')
      expect(headers.get('content-type')).toMatch(/^(text\/css|text\/javascript|image\/svg\+xml)/)
      expect(text).not.toMatch(/https?:\/\/(?!www\.w3\.org)/)
    }
  })

  it('runs only its own files, in no frame, and is kept by no cache', async () => {
    const { status, headers, text } = await site.call('GET', '/admin/queue', { as: 'root' })
    expect(status).toBe(200)
    expect(headers.get('cache-control')).toBe('no-store')
    const policy = headers.get('content-security-policy') ?? ''
    for (const rule of ["default-src 'none'", "script-src 'self'", "frame-ancestors 'none'"])
      expect(policy).toContain(rule)
    expect(policy).not.toContain('unsafe')
    expect(text).not.toMatch(/<script(?![^>]*src=)|<style|\son\w+=|style=/)
    expect(text).not.toContain('{{')
  })

  const STRANGERS: [string | undefined, number][] = [
    [undefined, 401],
    ['mallory', 401],
    ['ada', 403],
  ]
  it.each(STRANGERS)('%s gets nothing of it', async (as, status) => {
    for (const path of ['/admin/queue', ...(await filesOf())]) {
      const answer = await site.call('GET', path, { as })
      expect([answer.status, answer.text]).toEqual([status, 'Sign in as an admin to see this page.\n'])
    }
  })

  it.each(['../auth.ts', 'constructor', '__proto__', 'main.ts', '%2e%2e%2fhandler.js'])(
    'has no file %s',
    async (name) => {
      expect((await site.call('GET', `/admin/queue/assets/x/${name}`, { as: 'root' })).status).toBe(404)
    },
  )

  it('lives where it is told, and calls the API that it is told', async () => {
    const moved = await openSite({ paths: { page: '/staff/queue', admin: '/staff/api' } })
    const { text } = await moved.call('GET', '/staff/queue', { as: 'root' })
    expect(text).toContain('<meta name="genqueue-api" content="/staff/api">')
    expect(text).toContain('src="/staff/queue/assets/')
    expect((await moved.call('GET', '/admin/queue', { as: 'root' })).status).toBe(404)
    await moved.queue.close()
  })
})

describe('its sources', () => {
  const folder = new URL('../page/', import.meta.url)
  it.each(readdirSync(folder).filter((name) => name.endsWith('.ts')))(
    '%s parses no text as markup',
    (name) => {
      const source = readFileSync(new URL(name, folder), 'utf8')
      expect(source).not.toMatch(
        /innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(|DOMParser|new Function/,
      )
    },
  )
})
