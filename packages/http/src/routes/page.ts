import { isGenqueueError } from '@genqueue/core'
import { requireAdmin } from '../auth.js'
import { PAGE_ASSETS, PAGE_HASH, PAGE_HTML } from '../generated/page.js'
import { errorResponse } from '../json.js'
import type { HttpSettings } from '../settings.js'
import { type Route, route } from './route.js'

/**
 * Only our own files run, nothing inline; pictures may come from wherever a provider keeps them. No page may frame it,
 * no form may leave it, and where a picture is looked at from is nobody's business.
 */
const PAGE_HEADERS = {
  'content-type': 'text/html; charset=utf-8',
  'cache-control': 'no-store',
  'content-security-policy': [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "connect-src 'self'",
    "img-src 'self' https: http: data:",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
    "require-trusted-types-for 'script'",
  ].join('; '),
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
}

/** Their address changes with their content, so they never grow old; `private`, because only admins get them. */
const ASSET_HEADERS = {
  'cache-control': 'private, max-age=31536000, immutable',
  'x-content-type-options': 'nosniff',
}

/** The admin page and its files, for admins only; others learn nothing of it. */
export const pageRoutes = ({ pagePath, adminPath, limitMax }: HttpSettings): Route[] => {
  const html = PAGE_HTML.join('\n')
    .replaceAll('{{assets}}', `${pagePath}/assets/${PAGE_HASH}`)
    .replaceAll('{{api}}', adminPath)
    .replaceAll('{{limitMax}}', String(limitMax))
  return [
    forAdmins(pagePath, async () => new Response(html, { headers: PAGE_HEADERS })),
    forAdmins(`${pagePath}/assets/:hash/:name`, async ({ name = '' }) => {
      // A page that was open while a new version came asks for old addresses: it gets the new files.
      const asset = Object.hasOwn(PAGE_ASSETS, name) ? PAGE_ASSETS[name] : undefined
      if (asset === undefined) return plain('There is nothing here.', 404)
      return new Response(asset.lines.join('\n'), {
        headers: { 'content-type': asset.type, ...ASSET_HEADERS },
      })
    }),
  ]
}

function forAdmins(
  path: string,
  answer: (parameters: Readonly<Record<string, string>>) => Promise<Response>,
): Route {
  return route('GET', path, async (request, settings, parameters) => {
    try {
      await requireAdmin(request, settings)
    } catch (error) {
      const { status } = errorResponse(error)
      // Read by people, so it is a sentence and not JSON.
      return plain(
        isGenqueueError(error) ? 'Sign in as an admin to see this page.' : 'Something went wrong.',
        status,
      )
    }
    return answer(parameters)
  })
}

const plain = (text: string, status: number): Response =>
  new Response(`${text}\n`, {
    status,
    headers: {
      'content-type': 'text/plain; charset=utf-8',
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
    },
  })
