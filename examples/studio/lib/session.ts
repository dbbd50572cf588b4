import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto'
import { processWide } from '@genqueue/next'
import { type Person, personOf } from './people'

const COOKIE = 'studio_session'
const ATTRIBUTES = 'Path=/; HttpOnly; SameSite=Strict'
const DAY_S = 86_400

/** Without STUDIO_SECRET a new one each start: everybody signs in again. */
const secret = () =>
  processWide('studio.secret', () => process.env.STUDIO_SECRET || randomBytes(32).toString('base64url'))

const signatureOf = (userId: string) => createHmac('sha256', secret()).update(userId).digest('base64url')

/** Who is signed in, by a signed cookie; null when nobody is. */
export function personOfCookies(cookies: string | null): Person | null {
  const pair = cookies?.split(/;\s*/).find((cookie) => cookie.startsWith(`${COOKIE}=`))
  const [userId, given] = pair?.slice(COOKIE.length + 1).split('.') ?? []
  const person = personOf(userId)
  if (person === null || given === undefined) return null
  const [a, b] = [Buffer.from(given), Buffer.from(signatureOf(person.userId))]
  return a.length === b.length && timingSafeEqual(a, b) ? person : null
}

export const identify = (request: Request): Person | null => personOfCookies(request.headers.get('cookie'))

/** The cookie that signs somebody in. */
export const signIn = ({ userId }: Person) =>
  `${COOKIE}=${userId}.${signatureOf(userId)}; ${ATTRIBUTES}; Max-Age=${DAY_S}`
export const signOut = () => `${COOKIE}=; ${ATTRIBUTES}; Max-Age=0`
