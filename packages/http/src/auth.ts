import { GenqueueError } from '@genqueue/core'
import type { Caller, HttpSettings } from './settings.js'

/** Somebody, or UNAUTHENTICATED. */
export async function identifyCaller(request: Request, settings: HttpSettings): Promise<Caller> {
  const caller = await settings.identify(request)
  if (caller === null || caller === undefined || typeof caller.userId !== 'string' || caller.userId === '') {
    throw new GenqueueError('UNAUTHENTICATED', 'sign in first')
  }
  return caller
}

export function isAdmin(caller: Caller, { adminEmails }: HttpSettings): boolean {
  if (caller.admin === true) return true
  return typeof caller.email === 'string' && adminEmails.has(caller.email.trim().toLowerCase())
}

export async function requireAdmin(request: Request, settings: HttpSettings): Promise<Caller> {
  const caller = await identifyCaller(request, settings)
  if (!isAdmin(caller, settings)) throw new GenqueueError('FORBIDDEN', 'this is for admins only')
  return caller
}

const SAFE_METHODS = new Set(['GET', 'HEAD'])

/**
 * A browser names the page that a write comes from; it must be ours. Without the header it is no browser (or no
 * cross-origin one), and the session decides alone.
 */
export function checkOrigin(request: Request): void {
  if (SAFE_METHODS.has(request.method)) return
  const origin = request.headers.get('origin')
  const site = request.headers.get('sec-fetch-site')
  const foreign = origin !== null && !isOwnOrigin(origin, request)
  if (foreign || (origin === null && site !== null && site !== 'same-origin' && site !== 'none')) {
    throw new GenqueueError('FORBIDDEN', 'writes must come from a page of this site')
  }
}

/** Behind a proxy the request's own address is the inner one; the Host header is what the browser saw. */
function isOwnOrigin(origin: string, request: Request): boolean {
  try {
    const { host } = new URL(origin)
    return host === new URL(request.url).host || host === request.headers.get('host')
  } catch {
    return false
  }
}

/** Compares digests, so that neither length nor content shows in the time it takes. */
export async function sameSecret(given: string, expected: string): Promise<boolean> {
  const digest = async (text: string) =>
    new Uint8Array(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text)))
  const [a, b] = await Promise.all([digest(given), digest(expected)])
  let difference = 0
  for (let i = 0; i < a.length; i++) difference |= (a[i] as number) ^ (b[i] as number)
  return difference === 0
}
