import { personOf } from '@/lib/people'
import { refuseForeign, refuseUnknown } from '@/lib/refusals'
import { sameOrigin } from '@/lib/same-origin'
import { signIn, signOut } from '@/lib/session'

const withCookie = (cookie: string) => new Response(null, { status: 204, headers: { 'set-cookie': cookie } })

/** `{ userId }` signs in as one of the demo's people. */
export async function POST(request: Request) {
  if (!sameOrigin(request)) return refuseForeign()
  const body = (await request.json().catch(() => null)) as { userId?: unknown } | null
  const person = personOf(body?.userId)
  return person === null ? refuseUnknown() : withCookie(signIn(person))
}

export async function DELETE(request: Request) {
  return sameOrigin(request) ? withCookie(signOut()) : refuseForeign()
}
