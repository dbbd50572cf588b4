import {
  ERROR_STATUS,
  type ErrorCode,
  type Generation,
  isGenqueueError,
  type LedgerEntry,
  type Limit,
  type StatsReport,
  type VerifyReport,
} from '@genqueue/core'

/** Everything here depends on who asks, so nothing of it may be kept by a cache in between. */
const HEADERS = {
  'content-type': 'application/json; charset=utf-8',
  'cache-control': 'no-store',
  'x-content-type-options': 'nosniff',
}

export const json = (body: unknown, status = 200, headers: Record<string, string> = {}): Response =>
  new Response(JSON.stringify(body), { status, headers: { ...HEADERS, ...headers } })

/** `{ error: { code, message } }`; what is no error of the family says nothing of itself. */
export function errorResponse(error: unknown): Response {
  if (!isGenqueueError(error))
    return json({ error: { code: 'INTERNAL', message: 'something went wrong' } }, 500)
  const status = ERROR_STATUS[error.code as ErrorCode]
  // What a storage said of itself is for the log, not for the caller.
  const message = status === 503 ? 'temporarily unavailable, try again' : error.message
  const headers: Record<string, string> = status === 503 || status === 429 ? { 'retry-after': '2' } : {}
  return json({ error: { code: error.code, message } }, status, headers)
}

function iso(ms: number): string
function iso(ms: number | null): string | null
function iso(ms: number | null): string | null {
  return ms === null ? null : new Date(ms).toISOString()
}

/** Times as ISO 8601 text. */
export function presentTimes<
  Item extends { queuedAt: number; startedAt: number | null; completedAt: number | null },
>(item: Item) {
  return {
    ...item,
    queuedAt: iso(item.queuedAt),
    startedAt: iso(item.startedAt),
    completedAt: iso(item.completedAt),
  }
}

export function presentGeneration(generation: Generation) {
  const { notBefore, deadlineAt, leaseExpiresAt, timeline, ...rest } = generation
  return {
    ...presentTimes(rest),
    notBefore: iso(notBefore),
    deadlineAt: iso(deadlineAt),
    leaseExpiresAt: iso(leaseExpiresAt),
    timeline: timeline.map(({ event, at }) => ({ event, at: iso(at) })),
  }
}

export const presentLimit = (limit: Limit) => ({ ...limit, updatedAt: iso(limit.updatedAt) })

export const presentEntry = (entry: LedgerEntry) => ({ ...entry, at: iso(entry.at) })

export const presentHealth = (report: VerifyReport) => ({ ...report, at: iso(report.at) })

export const presentStats = (report: StatsReport) => ({
  ...report,
  at: iso(report.at),
  hours: report.hours.map((hour) => ({ ...hour, hour: iso(hour.hour) })),
  hourTotals: report.hourTotals.map((hour) => ({ ...hour, hour: iso(hour.hour) })),
})

/** A weak tag of the body, and 304 when the caller has it already. */
export async function tagged(
  request: Request,
  body: unknown,
  headers: Record<string, string>,
): Promise<Response> {
  const digest = await crypto.subtle.digest('SHA-1', new TextEncoder().encode(JSON.stringify(body)))
  const tag = `W/"${Array.from(new Uint8Array(digest, 0, 8), (byte) => byte.toString(16).padStart(2, '0')).join('')}"`
  const known =
    request.headers
      .get('if-none-match')
      ?.split(',')
      .map((value) => value.trim()) ?? []
  if (known.includes(tag))
    return new Response(null, {
      status: 304,
      headers: { 'cache-control': 'no-store', etag: tag, ...headers },
    })
  return json(body, 200, { etag: tag, ...headers })
}
