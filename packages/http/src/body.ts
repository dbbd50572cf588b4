import { GenqueueError } from '@genqueue/core'
import type { z } from 'zod'

/** Bodies of this API are small. */
const BODY_BYTES_MAX = 16_384

/** The JSON body, bounded and checked; an empty body counts as `{}`. Throws VALIDATION. */
export async function readBody<Output>(request: Request, schema: z.ZodType<Output>): Promise<Output> {
  const text = await readText(request)
  let value: unknown
  try {
    value = text === '' ? {} : JSON.parse(text)
  } catch {
    throw new GenqueueError('VALIDATION', 'the body must be JSON')
  }
  return check('body', value, schema)
}

/** Query parameters by name; one given twice is refused, as are unknown ones. */
export function readQuery<Output>(url: URL, schema: z.ZodType<Output>): Output {
  const values: Record<string, string> = {}
  for (const [name, value] of url.searchParams) {
    if (Object.hasOwn(values, name)) throw new GenqueueError('VALIDATION', `query: ${name} is given twice`)
    if (value !== '') values[name] = value
  }
  return check('query', values, schema)
}

function check<Output>(where: string, value: unknown, schema: z.ZodType<Output>): Output {
  const parsed = schema.safeParse(value)
  if (parsed.success) return parsed.data
  const issue = parsed.error.issues[0]
  const path = issue?.path.map(String).join('.') ?? ''
  throw new GenqueueError(
    'VALIDATION',
    `${where}: ${path === '' ? '' : `${path}: `}${issue?.message ?? 'invalid'}`,
  )
}

/** Reads no further than the bound, whatever the length that was announced. */
async function readText(request: Request): Promise<string> {
  if (request.body === null) return ''
  const chunks: Uint8Array[] = []
  let bytes = 0
  const reader = request.body.getReader()
  for (;;) {
    const { done, value } = await reader.read()
    if (done) break
    bytes += value.byteLength
    if (bytes > BODY_BYTES_MAX) {
      await reader.cancel()
      throw new GenqueueError('VALIDATION', `the body must be at most ${BODY_BYTES_MAX} bytes`)
    }
    chunks.push(value)
  }
  const whole = new Uint8Array(bytes)
  let at = 0
  for (const chunk of chunks) {
    whole.set(chunk, at)
    at += chunk.byteLength
  }
  return new TextDecoder().decode(whole)
}
