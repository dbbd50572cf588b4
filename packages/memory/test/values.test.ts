import type { AdmitItem, Admitted, Storage } from '@genqueue/core'
import {
  admitCommand,
  admitItem,
  applyCommand,
  applyItem,
  claimCommand,
  limitCommand,
  limitItem,
  listQuery,
  postCommand,
  renewCommand,
  startCommand,
} from '@genqueue/core/testing'
import { beforeEach, describe, expect, it } from 'vitest'
import { memoryStorage } from '../src/storage.js'

const T0 = 1_700_000_000_000
let storage: Storage

beforeEach(async () => {
  storage = memoryStorage({ clock: { now: () => T0 } })
  await storage.limit(limitCommand([limitItem('m', { maxConcurrent: 5 })], T0))
  await storage.post(postCommand('ada', 100, T0))
})

const admit = async (overrides: Partial<AdmitItem> = {}, again = false) => {
  const [result] = await storage.admit(admitCommand([admitItem(overrides)], T0, { again }))
  return result as Admitted
}

describe('what is handed out', () => {
  it('never changes, though rows and limits are edited in place', async () => {
    const ids = [(await admit()).queueId, (await admit()).queueId] as const
    const token = 'mine'
    const limits = await storage.limit(limitCommand([limitItem('m', { onlyIfMissing: true })], T0))
    const given: unknown[] = [
      limits,
      await storage.limits(),
      await storage.stats({ modelIds: ['m'], at: T0 }),
      await storage.accounts(['ada']),
      await storage.get(ids),
      await storage.list(listQuery({ userId: 'ada' })),
      await storage.claim(claimCommand([token], T0 + 1)),
      await storage.start(startCommand([{ queueId: ids[1], token: 'other' }], T0 + 2)),
    ]
    const settle = applyCommand([applyItem(ids[0], 'complete', { token })], T0 + 3, { rows: true })
    given.push(await storage.apply(settle), await storage.apply(settle))
    const back = applyCommand([applyItem(ids[1], 'cancel')], T0 + 4, { rows: true })
    given.push(await storage.apply(back))
    const before = structuredClone(given)
    await storage.apply(applyCommand([applyItem(ids[1], 'resubmit')], T0 + 5))
    await storage.claim(claimCommand(['third'], T0 + 6))
    await storage.renew(renewCommand([{ queueId: ids[1], token: 'third', progress: 0.5 }], T0 + 7))
    await storage.limit(limitCommand([limitItem('m', { maxConcurrent: 1, paused: true })], T0 + 8))
    await storage.mend({ modelIds: ['m'], userIds: ['ada'], at: T0 + 9 })
    expect(given).toEqual(before)
    expect(await storage.get([ids[1]])).toMatchObject([{ status: 'processing', progress: 0.5 }])
  })
})

describe('a key', () => {
  const given = { idempotencyKey: 'order-1', fingerprint: 'f' }

  it('that a caller gave is found, whatever came before it and after it', async () => {
    await admit()
    const first = await admit(given)
    await admit()
    expect(await admit(given)).toMatchObject({ duplicate: true, queueId: first.queueId })
    const later = await admit({ ...given, idempotencyKey: 'order-2' })
    await admit()
    expect(await admit({ ...given, idempotencyKey: 'order-2' })).toMatchObject({ queueId: later.queueId })
    expect(await admit({ ...given, fingerprint: 'g' })).toMatchObject({ code: 'idempotency_conflict' })
  })

  it('that core made is found when its command is sent again, and is nobody else’s', async () => {
    const made = { idempotencyKey: '~made-1' }
    const first = await admit(made)
    expect(await admit(made, true)).toMatchObject({ duplicate: true, queueId: first.queueId })
    expect(await admit({ ...made, fingerprint: 'f' })).toMatchObject({ code: 'idempotency_conflict' })
  })

  it('is free again when its generation is gone', async () => {
    const first = await admit(given)
    expect(await admit(given)).toMatchObject({ duplicate: true })
    await storage.apply(applyCommand([applyItem(first.queueId, 'cancel')], T0))
    await storage.purge({ what: 'generations', statuses: ['cancelled'], before: T0, max: 9 })
    expect(await admit(given)).toMatchObject({ duplicate: false })
  })
})
