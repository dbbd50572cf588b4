import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { readOrdinary } from '../src/schemas/ordinary.js'
import { requestSchema } from '../src/schemas/request.js'
import { DEFAULT_SIZES } from '../src/schemas/sizes.js'

const sizes = { ...DEFAULT_SIZES, idLength: 12, promptBytes: 40 }
const schema = requestSchema(sizes)

const odd = fc.constantFrom<unknown>(
  null,
  undefined,
  '',
  'a\0b',
  'a\ud800b',
  'x'.repeat(13),
  '€'.repeat(13),
  '€'.repeat(14),
  'x'.repeat(41),
  Number.NaN,
  Number.POSITIVE_INFINITY,
  -0,
  0.5,
  -1,
  101,
  1_001,
  -1_001,
  2 ** 31 - 1,
  2 ** 31,
  2 ** 53,
  10n,
  '1',
  true,
  Symbol('s'),
  new String('ada'),
  new Number(1),
  [],
  {},
  () => 'f',
)
const maybeOdd = (usual: fc.Arbitrary<unknown>) => fc.oneof({ weight: 12, arbitrary: usual }, odd)
const id = fc.string({ minLength: 1, maxLength: 12 })
const whole = (min: number, max: number) => fc.oneof(fc.integer({ min, max }), fc.constantFrom(min, max))
const fields = fc.record(
  {
    userId: maybeOdd(id),
    modelId: maybeOdd(id),
    prompt: maybeOdd(fc.string({ unit: 'binary', maxLength: 20 })),
    modelType: maybeOdd(id),
    parameters: fc.anything(),
    ticketCost: maybeOdd(whole(0, 2 ** 31 - 1)),
    priority: maybeOdd(whole(-1_000, 1_000)),
    idempotencyKey: maybeOdd(id),
    maxAttempts: maybeOdd(whole(1, 100)),
    maxWaitMs: maybeOdd(whole(1, 366 * 24 * 3_600_000)),
    metadata: fc.anything(),
  },
  { requiredKeys: ['userId', 'modelId', 'prompt'] },
)

class Request {}
/** The same fields on every kind of object that a caller could pass, or with more than belongs there. */
const SHAPES: Readonly<Record<string, (own: object) => unknown>> = {
  plain: (own) => own,
  frozen: (own) => Object.freeze({ ...own }),
  'without a prototype': (own) => Object.assign(Object.create(null), own),
  'of a class': (own) => Object.assign(new Request(), own),
  inherited: (own) => Object.create(own),
  'a list': (own) => Object.assign([], own),
  'a function': (own) => Object.assign(() => {}, own),
  'with one field more': (own) => ({ ...own, cost: 1 }),
  'with an undefined field more': (own) => ({ ...own, cost: undefined }),
  'with a number for a field': (own) => ({ ...own, 0: 1 }),
  'with a symbol for a field': (own) => ({ ...own, [Symbol('s')]: 1 }),
  'with __proto__ for a field': (own) => Object.assign(JSON.parse('{"__proto__":{"priority":1}}'), own),
  'with a hidden field more': (own) => Object.defineProperty({ ...own }, 'cost', { value: 1 }),
  'with hidden fields': (own) =>
    Object.defineProperties(
      {},
      Object.fromEntries(Object.entries(own).map(([key, value]) => [key, { value, enumerable: false }])),
    ),
  'of getters': (own) =>
    Object.defineProperties(
      {},
      Object.fromEntries(
        Object.entries(own).map(([key, value]) => [key, { get: () => value, enumerable: true }]),
      ),
    ),
  'behind a proxy': (own) => new Proxy({ ...own }, {}),
}

/** Fields that are absent and fields that are undefined mean the same. */
const present = (checked: object) =>
  Object.fromEntries(Object.entries(checked).filter(([, value]) => value !== undefined))

describe('the short way past zod', () => {
  it('takes nothing that the schema refuses, and reads the same from what it takes', () => {
    const seen = { taken: 0, left: 0 }
    fc.assert(
      fc.property(fields, fc.constantFrom(...Object.keys(SHAPES)), (own, shape) => {
        const request = SHAPES[shape]?.(own)
        const taken = readOrdinary(request, sizes)
        const parsed = schema.safeParse(request)
        if (taken === null) {
          seen.left += 1
          // What is left to the schema although in order is only ever of an odd shape.
          if (parsed.success) expect(Object.getPrototypeOf(request)).not.toBe(Object.prototype)
          return
        }
        seen.taken += 1
        expect(parsed.error).toBeUndefined()
        expect(present(taken)).toEqual(present(parsed.data ?? {}))
      }),
      { numRuns: 5_000 },
    )
    expect(Math.min(seen.taken, seen.left)).toBeGreaterThan(200)
  })

  it('reads every field once, so that what was checked is what is used', () => {
    const reads: string[] = []
    const request = { userId: 'ada', modelId: 'm', prompt: 'a sheep', priority: 3 }
    const spy = new Proxy(request, {
      get(target, key) {
        reads.push(String(key))
        return Reflect.get(target, key)
      },
    })
    expect(readOrdinary(spy, sizes)).toMatchObject(request)
    expect(reads.length).toBe(new Set(reads).size)
    expect(reads).toHaveLength(11)
  })

  it('leaves to zod what somebody put on every object', () => {
    const polluted = Object.prototype as { cost?: number }
    Object.defineProperty(polluted, 'cost', {
      value: 1,
      enumerable: true,
      configurable: true,
      writable: true,
    })
    const request = { userId: 'ada', modelId: 'm', prompt: 'a sheep' }
    const [among, parsed] = [readOrdinary(request, sizes), schema.safeParse(request)]
    delete polluted.cost
    expect(among).toBeNull()
    expect(parsed.success).toBe(false)
    expect(readOrdinary(request, sizes)).not.toBeNull()
  })

  it.each([undefined, null, 1, 'text', true, 1n, Symbol('s'), [], () => {}, new Date(), new Map()])(
    'leaves %o to zod',
    (request) => {
      expect(readOrdinary(request, sizes)).toBeNull()
    },
  )
})
