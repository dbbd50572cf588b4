/** What the server refused, in its own words. */
export class ApiError extends Error {
  readonly code: string
  readonly status: number

  constructor(status: number, code: string, message: string) {
    super(message)
    this.status = status
    this.code = code
  }
}

/** What the server wrote into the page's head. */
const setting = (name: string) =>
  document.querySelector(`meta[name=genqueue-${name}]`)?.getAttribute('content') ?? ''

const base = setting('api')
/** Highest limit that the API takes. */
export const LIMIT_MAX = Number(setting('limit-max'))
const TIMEOUT_MS = 20_000

/** One call of the admin API, which any script could make. Throws ApiError. */
async function call<Answer>(method: string, path: string, body?: unknown): Promise<Answer> {
  let response: Response
  try {
    response = await fetch(base + path, {
      method,
      headers: {
        accept: 'application/json',
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      credentials: 'same-origin',
      signal: AbortSignal.timeout(TIMEOUT_MS),
    })
  } catch {
    throw new ApiError(0, 'UNREACHABLE', 'the server does not answer')
  }
  const answer: unknown = await response.json().catch(() => null)
  if (response.ok) return answer as Answer
  const { code, message } = (answer as { error?: { code?: string; message?: string } } | null)?.error ?? {}
  throw new ApiError(response.status, code ?? 'UNKNOWN', message ?? `the server answered ${response.status}`)
}

export const get = <Answer>(path: string): Promise<Answer> => call('GET', path)
export const post = <Answer>(path: string, body: unknown = {}): Promise<Answer> => call('POST', path, body)
export const put = <Answer>(path: string, body: unknown): Promise<Answer> => call('PUT', path, body)

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
