import { GenqueueError } from '../errors.js'

const encoder = new TextEncoder()
const UTF8_BYTES_PER_UNIT_MAX = 3

/** Whether the text's UTF-8 is at most `bytes` long; counts only when the length leaves it open. */
export function utf8Within(text: string, bytes: number): boolean {
  if (text.length * UTF8_BYTES_PER_UNIT_MAX <= bytes) return true
  return text.length <= bytes && encoder.encode(text).length <= bytes
}

/** No NUL and no lone surrogate: PostgreSQL stores neither, so no storage takes them. */
export function isStorableText(text: string): boolean {
  return text.isWellFormed() && !text.includes('\0')
}

/** zod refinement of the same, as its arguments. */
export const textWithin: [(text: string) => boolean, string] = [
  isStorableText,
  'contains a NUL character or a lone surrogate, which databases refuse',
]

const UNSTORABLE_ESCAPE = /(?:^|[^\\])(?:\\\\)*\\u(?:0000|d[89a-f][0-9a-f]{2})/i

/** JSON text of a value, checked for size; throws VALIDATION for what JSON cannot say. */
export function encodeJson(field: string, value: unknown, bytesMax: number): string {
  let text: string | undefined
  try {
    text = JSON.stringify(value)
  } catch (cause) {
    throw new GenqueueError('VALIDATION', `${field}: cannot be written as JSON`, { cause })
  }
  if (text === undefined) throw new GenqueueError('VALIDATION', `${field}: cannot be written as JSON`)
  if (!utf8Within(text, bytesMax)) {
    throw new GenqueueError('VALIDATION', `${field}: its JSON is longer than ${bytesMax} bytes`)
  }
  if (text.includes('\\u') && UNSTORABLE_ESCAPE.test(text)) {
    throw new GenqueueError(
      'VALIDATION',
      `${field}: contains a NUL character or a lone surrogate, which databases refuse`,
    )
  }
  return text
}

/** Other people's text cut to fit: whole characters, no NUL, no lone surrogate. */
export function trimText(text: string, lengthMax: number): string {
  const clean = text.replaceAll('\0', '').toWellFormed()
  return clean.length <= lengthMax ? clean : `${clean.slice(0, lengthMax - 1).toWellFormed()}…`
}
