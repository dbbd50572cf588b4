import { guard } from '@/lib/guard'
import { personOf } from '@/lib/people'
import { refuseUnknown } from '@/lib/refusals'
import { signIn, signOut } from '@/lib/session'

const withCookie = (cookie: string) => new Response(null, { status: 204, headers: { 'set-cookie': cookie } })

/** `{ userId }` signs in as one of the demo's people. */
export const POST = guard(async (request) => {
  const { userId } = (await request.json()) as { userId?: unknown }
  const person = personOf(userId)
  return person === null ? refuseUnknown() : withCookie(signIn(person))
})

export const DELETE = guard(async () => withCookie(signOut()))
