/** The few assertions that the suite needs, so that it depends on no test runner. */

export function fail(message: string): never {
  throw new Error(message)
}

export function ok(condition: unknown, message: string): asserts condition {
  if (!condition) fail(message)
}

/** Deep equality of JSON-like values; undefined counts as absent. */
export function equal(actual: unknown, expected: unknown, what: string): void {
  const [a, e] = [canonical(actual), canonical(expected)]
  if (a !== e) fail(`${what}\n  expected ${clip(e)}\n  got      ${clip(a)}`)
}

/** Every field of `expected` has that value in `actual`. */
export function includes(actual: unknown, expected: Record<string, unknown>, what: string): void {
  ok(typeof actual === 'object' && actual !== null, `${what}: got ${canonical(actual)}`)
  const picked = Object.fromEntries(
    Object.keys(expected).map((key) => [key, (actual as Record<string, unknown>)[key]]),
  )
  equal(picked, expected, what)
}

export async function rejects(promise: Promise<unknown>, errorName: string, what: string): Promise<void> {
  const thrown = await promise.then(
    () => fail(`${what}: nothing was thrown`),
    (error: unknown) => error,
  )
  equal((thrown as Error).name, errorName, `${what}: the error's name`)
}

const CLIP = 1_500
const clip = (text: string) =>
  text.length > CLIP ? `${text.slice(0, CLIP)}... (${text.length} characters)` : text

export function canonical(value: unknown): string {
  return JSON.stringify(value, (_key, entry: unknown) => {
    if (Object.is(entry, -0)) return '-0'
    if (typeof entry !== 'object' || entry === null || Array.isArray(entry)) return entry
    return Object.fromEntries(Object.entries(entry).sort(([a], [b]) => (a < b ? -1 : 1)))
  })
}
