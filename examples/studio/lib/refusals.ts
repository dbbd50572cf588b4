import { isGenqueueError } from '@genqueue/core'

const refuse = (status: number, code: string, message: string) =>
  Response.json({ error: { code, message } }, { status })

export const refuseForeign = () => refuse(403, 'FORBIDDEN', 'this form belongs to another site')
export const refuseStranger = () => refuse(401, 'UNAUTHENTICATED', 'sign in first')
export const refuseUnknown = () => refuse(400, 'VALIDATION', 'nobody of that name')
export const refuseBody = (bytesMax: number) =>
  refuse(400, 'VALIDATION', `the body must be a JSON object of at most ${bytesMax} bytes`)

/** What the queue refuses, in its own words (no tickets, no such model); anything else is a fault and thrown on. */
export function refusalOf(error: unknown): Response {
  if (!isGenqueueError(error)) throw error
  return refuse(error.httpStatus, error.code, error.message)
}
