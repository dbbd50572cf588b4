import { GenqueueError, type Queue } from '@genqueue/core'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { ask, openQueue } from './support/queue.js'

const HUGE = 'x'.repeat(2_000_000)
const circular: Record<string, unknown> = {}
circular.self = circular

/** Calls as an untyped app could make them: what is called, with what, and the code that must come back. */
const handler = async () => 'https://img.example/1.png'
type Loose = Record<string, (...args: unknown[]) => unknown>
const CALLS: [name: string, code: string, call: (queue: Loose, limits: Loose, tickets: Loose) => unknown][] =
  [
    ['enqueue nothing', 'VALIDATION', (q) => q.enqueue?.()],
    ['enqueue null', 'VALIDATION', (q) => q.enqueue?.(null)],
    ['enqueue text', 'VALIDATION', (q) => q.enqueue?.('draw me a sheep')],
    ['enqueue without user', 'VALIDATION', (q) => q.enqueue?.(ask({ userId: undefined }))],
    ['enqueue with an empty user', 'VALIDATION', (q) => q.enqueue?.(ask({ userId: '' }))],
    ['enqueue with a number for user', 'VALIDATION', (q) => q.enqueue?.(ask({ userId: 7 }))],
    ['enqueue with a huge user', 'VALIDATION', (q) => q.enqueue?.(ask({ userId: HUGE }))],
    ['enqueue with an empty model', 'VALIDATION', (q) => q.enqueue?.(ask({ modelId: '' }))],
    ['enqueue for an unknown model', 'UNKNOWN_MODEL', (q) => q.enqueue?.(ask({ modelId: 'nope' }))],
    ['enqueue with a huge prompt', 'VALIDATION', (q) => q.enqueue?.(ask({ prompt: HUGE }))],
    ['enqueue with a NUL in the prompt', 'VALIDATION', (q) => q.enqueue?.(ask({ prompt: 'a\0b' }))],
    ['enqueue with a lone surrogate', 'VALIDATION', (q) => q.enqueue?.(ask({ prompt: 'a\ud800b' }))],
    ['enqueue with circular parameters', 'VALIDATION', (q) => q.enqueue?.(ask({ parameters: circular }))],
    ['enqueue with a bigint', 'VALIDATION', (q) => q.enqueue?.(ask({ parameters: { n: 1n } }))],
    ['enqueue with a function as parameters', 'VALIDATION', (q) => q.enqueue?.(ask({ parameters: handler }))],
    ['enqueue with huge parameters', 'VALIDATION', (q) => q.enqueue?.(ask({ parameters: { HUGE } }))],
    ['enqueue with a NUL in parameters', 'VALIDATION', (q) => q.enqueue?.(ask({ parameters: { a: '\0' } }))],
    ['enqueue with huge metadata', 'VALIDATION', (q) => q.enqueue?.(ask({ metadata: HUGE }))],
    ['enqueue at a negative cost', 'VALIDATION', (q) => q.enqueue?.(ask({ ticketCost: -1 }))],
    ['enqueue at a fractional cost', 'VALIDATION', (q) => q.enqueue?.(ask({ ticketCost: 0.5 }))],
    ['enqueue at a cost of NaN', 'VALIDATION', (q) => q.enqueue?.(ask({ ticketCost: Number.NaN }))],
    ['enqueue at an infinite cost', 'VALIDATION', (q) => q.enqueue?.(ask({ ticketCost: Infinity }))],
    ['enqueue at a cost in words', 'VALIDATION', (q) => q.enqueue?.(ask({ ticketCost: '1' }))],
    ['enqueue beyond the balance', 'INSUFFICIENT_TICKETS', (q) => q.enqueue?.(ask({ ticketCost: 101 }))],
    [
      'enqueue for a user without account',
      'INSUFFICIENT_TICKETS',
      (q) => q.enqueue?.(ask({ userId: 'bob' })),
    ],
    ['enqueue at a fractional priority', 'VALIDATION', (q) => q.enqueue?.(ask({ priority: 1.5 }))],
    ['enqueue at a huge priority', 'VALIDATION', (q) => q.enqueue?.(ask({ priority: 1e9 }))],
    ['enqueue with no attempts', 'VALIDATION', (q) => q.enqueue?.(ask({ maxAttempts: 0 }))],
    ['enqueue with a negative wait', 'VALIDATION', (q) => q.enqueue?.(ask({ maxWaitMs: -5 }))],
    ['enqueue with an unknown field', 'VALIDATION', (q) => q.enqueue?.(ask({ cost: 3 }))],
    ['enqueueMany of no list', 'VALIDATION', (q) => q.enqueueMany?.({})],
    [
      'enqueueMany of too many',
      'VALIDATION',
      (q) => q.enqueueMany?.(Array.from({ length: 10_001 }, () => ask())),
    ],
    ['submit nothing', 'VALIDATION', (q) => q.submit?.()],
    ['run without a handler', 'VALIDATION', (q) => q.run?.(ask())],
    ['canProcess of a number', 'VALIDATION', (q) => q.canProcess?.(3)],
    ['canProcess of an unknown model', 'UNKNOWN_MODEL', (q) => q.canProcess?.('nope')],
    ['start at NaN', 'VALIDATION', (q) => q.start?.(Number.NaN)],
    ['start at text', 'VALIDATION', (q) => q.start?.('1')],
    ['start at an unknown id', 'GENERATION_NOT_FOUND', (q) => q.start?.(999_999)],
    ['claim nothing at all', 'VALIDATION', (q) => q.claim?.({ max: 0 })],
    ['claim a million', 'VALIDATION', (q) => q.claim?.({ max: 1_000_000 })],
    ['claim for no time', 'VALIDATION', (q) => q.claim?.({ leaseMs: 0 })],
    ['claim of models that are no list', 'VALIDATION', (q) => q.claim?.({ models: 'm' })],
    ['complete at -1', 'VALIDATION', (q) => q.complete?.(-1, 'https://img.example/1.png')],
    [
      'complete an unknown id',
      'GENERATION_NOT_FOUND',
      (q) => q.complete?.(999_999, 'https://img.example/1.png'),
    ],
    ['complete without a result', 'VALIDATION', (q) => q.complete?.(1)],
    ['complete with a number', 'VALIDATION', (q) => q.complete?.(1, 5)],
    ['complete with a huge URL', 'VALIDATION', (q) => q.complete?.(1, HUGE)],
    ['complete with fractional tickets', 'VALIDATION', (q) => q.complete?.(1, { ticketsUsed: 0.1 })],
    ['complete with circular output', 'VALIDATION', (q) => q.complete?.(1, { output: circular })],
    ['complete what is queued', 'INVALID_TRANSITION', (q) => q.complete?.(1, 'https://img.example/1.png')],
    ['complete under a lease that is none', 'VALIDATION', (q) => q.complete?.(1, 'u', { lease: 5 })],
    ['fail an unknown id', 'GENERATION_NOT_FOUND', (q) => q.fail?.(999_999, 'no')],
    ['fail with odd options', 'VALIDATION', (q) => q.fail?.(1, 'no', { retry: 'yes' })],
    ['heartbeat without a lease', 'VALIDATION', (q) => q.heartbeat?.(1)],
    ['heartbeat under a foreign lease', 'LEASE_LOST', (q) => q.heartbeat?.(1, 'made-up')],
    ['heartbeat beyond 1', 'VALIDATION', (q) => q.heartbeat?.(1, 'made-up', 1.5)],
    ['heartbeat at NaN', 'VALIDATION', (q) => q.heartbeat?.(1, 'made-up', Number.NaN)],
    ['worker without a handler', 'VALIDATION', async (q) => q.worker?.()],
    ['worker of no concurrency', 'VALIDATION', async (q) => q.worker?.(handler, { concurrency: 0 })],
    ['drain without a handler', 'VALIDATION', (q) => q.drain?.()],
    ['drain without a deadline', 'VALIDATION', (q) => q.drain?.(handler, { deadlineMs: 0 })],
    ['cancel an unknown id', 'GENERATION_NOT_FOUND', (q) => q.cancel?.(999_999)],
    ['cancel for a number', 'VALIDATION', (q) => q.cancel?.(1, { reason: 5 })],
    ['cancel with too many tickets', 'VALIDATION', (q) => q.cancel?.(1, { ticketsUsed: 50 })],
    ['retry what is queued', 'INVALID_TRANSITION', (q) => q.retry?.(1)],
    ['clear what lives', 'VALIDATION', (q) => q.clear?.({ statuses: ['processing'] })],
    ['clear the future', 'VALIDATION', (q) => q.clear?.({ olderThanMs: -1 })],
    ['limit of 0', 'VALIDATION', (_, l) => l.set?.('m', { maxConcurrent: 0 })],
    ['limit of 51', 'VALIDATION', (_, l) => l.set?.('m', { maxConcurrent: 51 })],
    ['limit of 2.5', 'VALIDATION', (_, l) => l.set?.('m', { maxConcurrent: 2.5 })],
    ['limit of a new model without a number', 'VALIDATION', (_, l) => l.set?.('new', { paused: true })],
    ['limit of no model', 'VALIDATION', (_, l) => l.get?.('')],
    ['grant nothing', 'VALIDATION', (_, __, t) => t.grant?.('ada', 0)],
    ['grant half a ticket', 'VALIDATION', (_, __, t) => t.grant?.('ada', 0.5)],
    ['grant less than nothing', 'VALIDATION', (_, __, t) => t.grant?.('ada', -5)],
    ['grant beyond the highest balance', 'VALIDATION', (_, __, t) => t.grant?.('ada', 2_147_483_647)],
    ['grant to nobody', 'VALIDATION', (_, __, t) => t.grant?.('', 5)],
    ['revoke more than is there', 'INSUFFICIENT_TICKETS', (_, __, t) => t.revoke?.('ada', 100)],
    ['account of a number', 'VALIDATION', (_, __, t) => t.account?.(5)],
    ['history of too much', 'VALIDATION', (_, __, t) => t.history?.('ada', { limit: 1_000 })],
    ['get text', 'VALIDATION', (q) => q.get?.('1')],
    ['status of an unknown id', 'GENERATION_NOT_FOUND', (q) => q.status?.(999_999)],
    ['list by an unknown status', 'VALIDATION', (q) => q.list?.({ status: 'sleeping' })],
    ['list too much', 'VALIDATION', (q) => q.list?.({ limit: 10_000 })],
    ['positions of too many', 'VALIDATION', (q) => q.positions?.(Array(201).fill(1))],
    ['positions of text', 'VALIDATION', (q) => q.positions?.(['1'])],
    ['repair maybe', 'VALIDATION', (q) => q.repair?.({ dryRun: 'maybe' })],
  ]

describe('bad input', () => {
  let queue: Queue
  beforeEach(async () => {
    queue = await openQueue()
    await queue.enqueue(ask())
  })
  afterEach(() => queue.close())

  const picture = async () =>
    JSON.stringify([await queue.list(), await queue.tickets.account('ada'), await queue.limits.list()])

  it.each(CALLS)('%s: %s', async (_name, code, call) => {
    const before = await picture()
    const loose = queue as unknown as Loose
    const attempt = async () =>
      call(loose, queue.limits as unknown as Loose, queue.tickets as unknown as Loose)
    const error = await attempt().then(
      () => null,
      (thrown: unknown) => thrown,
    )
    expect(error).toBeInstanceOf(GenqueueError)
    expect((error as GenqueueError).code).toBe(code)
    expect((error as GenqueueError).message.length).toBeGreaterThan(15)
    expect((error as GenqueueError).message).not.toContain('lighthouse')
    expect(await picture()).toBe(before)
    expect((await queue.verify()).findings).toEqual([])
  })

  it('enqueueMany answers item by item, and a bad one does not harm the rest', async () => {
    const results = await queue.enqueueMany([ask(), ask({ ticketCost: -1 }), ask({ modelId: 'nope' }), ask()])
    expect(results.map((result) => (result.ok ? 'ok' : result.error.code))).toEqual([
      'ok',
      'VALIDATION',
      'UNKNOWN_MODEL',
      'ok',
    ])
  })
})
