import type { Storage } from '@genqueue/core'
import {
  admitCommand,
  admitItem,
  applyCommand,
  applyItem,
  claimCommand,
  limitCommand,
  limitItem,
  postCommand,
  renewCommand,
  startCommand,
} from '@genqueue/core/testing'
import type { Provider, RawClient } from '@genqueue/prisma'
import { expect } from 'vitest'

/** What a case finds of the model `m`, which has two slots; the model `idle` has them too. */
export interface Scene {
  readonly storage: Storage
  readonly queued: number
  /** Its lease is `held`. */
  readonly running: number
  readonly cancelled: number
}
export type Case = (scene: Scene) => Promise<readonly unknown[]>

const NOW = 1_800_000_000_000
const LATER = NOW + 3_600_000
const HELD = { token: 'held' }
const LOST = { token: 'of another' }

/** Everything that happens all the time and goes as expected. */
export const ONE_STATEMENT: Readonly<Record<string, Case>> = {
  'enqueue one': ({ storage }) => storage.admit(admitCommand([admitItem()], NOW)),
  'enqueue one without tickets': ({ storage }) =>
    storage.admit(admitCommand([admitItem({ ticketCost: 0 })], NOW)),
  'enqueue under a new key of the app': ({ storage }) =>
    storage.admit(admitCommand([admitItem({ fingerprint: 'of its payload' })], NOW)),
  'enqueue a batch of several users and models': ({ storage }) => {
    const of = (userId: string, modelId: string, priority: number) =>
      admitItem({ userId, modelId, priority, ticketCost: 2 })
    const items = [of('ada', 'm', 0), of('bob', 'm', 5), of('ada', 'idle', 0), of('bob', 'idle', 0)]
    return storage.admit(admitCommand(items, NOW))
  },
  'submit, and a slot is free': ({ storage }) =>
    storage.admit(admitCommand([admitItem({ modelId: 'idle', leaseToken: 'new' })], NOW)),
  'submit, and somebody waits': ({ storage }) =>
    storage.admit(admitCommand([admitItem({ leaseToken: 'new' })], NOW)),
  'claim, and something waits': ({ storage }) => storage.claim(claimCommand(['a', 'b'], NOW)),
  'claim, and nothing waits': async ({ storage }) => [
    await storage.claim(claimCommand(['a'], NOW, { modelIds: ['idle'] })),
  ],
  'complete, and claim what comes next': async ({ storage, running }) => {
    const settles = applyCommand([applyItem(running, 'complete', HELD)], NOW, { rows: false })
    const done = await storage.applyAndClaim?.(settles, claimCommand(['a'], NOW))
    expect(done?.claimed).toHaveLength(1)
    return done?.applied ?? []
  },
  complete: ({ storage, running }) =>
    storage.apply(applyCommand([applyItem(running, 'complete', HELD)], NOW)),
  'complete without a lease': ({ storage, running }) =>
    storage.apply(applyCommand([applyItem(running, 'complete')], NOW)),
  'complete, some of the tickets used': ({ storage, running }) =>
    storage.apply(applyCommand([applyItem(running, 'complete', { ...HELD, ticketsUsed: 1 })], NOW)),
  fail: ({ storage, running }) => storage.apply(applyCommand([applyItem(running, 'fail', HELD)], NOW)),
  'fail, to be tried again later': ({ storage, running }) =>
    storage.apply(applyCommand([applyItem(running, 'retryLater', { ...HELD, delayMs: 5_000 })], NOW)),
  'yield at a shutdown': ({ storage, running }) =>
    storage.apply(applyCommand([applyItem(running, 'yield', HELD)], NOW)),
  'cancel what waits and what runs': ({ storage, queued, running }) =>
    storage.apply(applyCommand([applyItem(queued, 'cancel'), applyItem(running, 'cancel')], NOW)),
  'reclaim what lapsed': ({ storage, running }) =>
    storage.apply(applyCommand([applyItem(running, ['reclaim', 'giveUp'], HELD)], LATER)),
  heartbeat: ({ storage, running }) =>
    storage.renew(renewCommand([{ queueId: running, ...HELD, progress: 0.5 }], NOW)),
}

/** What is refused, replayed or rare goes step by step, in one short transaction around core's plan. */
export const STEP_BY_STEP: Readonly<Record<string, Case>> = {
  'enqueue without enough tickets': ({ storage }) =>
    storage.admit(admitCommand([admitItem({ userId: 'nobody' })], NOW)),
  'enqueue for an unknown model': ({ storage }) =>
    storage.admit(admitCommand([admitItem({ modelId: 'unheard of' })], NOW)),
  'enqueue into a full queue': ({ storage }) =>
    storage.admit(admitCommand([admitItem()], NOW, { maxQueued: 1 })),
  'enqueue again under a key that is known': ({ storage }) =>
    storage.admit(admitCommand([admitItem({ idempotencyKey: 'known', fingerprint: 'same' })], NOW)),
  'the same key twice in a batch': ({ storage }) => {
    const twice = { idempotencyKey: 'new', fingerprint: 'same' }
    return storage.admit(admitCommand([admitItem(twice), admitItem(twice)], NOW))
  },
  'start by hand': ({ storage, queued }) =>
    storage.start(startCommand([{ queueId: queued, token: 'a' }], NOW)),
  'complete with a lease that is lost': ({ storage, running }) =>
    storage.apply(applyCommand([applyItem(running, 'complete', LOST)], NOW)),
  'complete what is unknown': ({ storage }) =>
    storage.apply(applyCommand([applyItem(1_234_567, 'complete', HELD)], NOW)),
  'complete again what is completed': async ({ storage, running }) => {
    const settle = applyCommand([applyItem(running, 'complete', HELD)], NOW)
    await storage.apply(settle)
    return storage.apply(settle)
  },
  'one generation twice in a batch': ({ storage, running }) => {
    const cancel = applyItem(running, 'cancel')
    return storage.apply(applyCommand([cancel, cancel], NOW))
  },
  'queue anew what was cancelled': ({ storage, cancelled }) =>
    storage.apply(applyCommand([applyItem(cancelled, 'resubmit')], NOW)),
  'heartbeat with a lease that is lost': ({ storage, running }) =>
    storage.renew(renewCommand([{ queueId: running, ...LOST, progress: null }], NOW)),
  'grant tickets': ({ storage }) => storage.post(postCommand('ada', 5, NOW)),
  'change a limit': ({ storage }) => storage.limit(limitCommand([limitItem('m', { maxConcurrent: 3 })], NOW)),
}

/** Makes them beside whatever is there already. */
export async function setScene(storage: Storage): Promise<Scene> {
  const two = { defaults: { modelType: 'image', maxConcurrent: 2 } }
  await storage.limit(limitCommand([limitItem('m', two), limitItem('idle', two)], NOW))
  await storage.post(postCommand('ada', 1_000, NOW))
  await storage.post(postCommand('bob', 1_000, NOW))
  const held = admitItem({ leaseToken: 'held', ticketCost: 4 })
  const items = [held, admitItem({ idempotencyKey: 'known', fingerprint: 'same' }), admitItem()]
  const admitted = await storage.admit(admitCommand(items, NOW))
  const [running, queued, cancelled] = admitted.map((result) => (result.ok ? result.queueId : 0)) as [
    number,
    number,
    number,
  ]
  await storage.apply(applyCommand([applyItem(cancelled, 'cancel')], NOW))
  return { storage, running, queued, cancelled }
}

/** Removes what scenes and cases made; what else there is stays. */
export async function clearScene(client: RawClient, provider: Provider): Promise<void> {
  const remove = (table: string, condition: string) => {
    const sql = `DELETE FROM "${table}" WHERE ${condition}`
    return client.$executeRawUnsafe(provider === 'mysql' ? sql.replaceAll('"', '`') : sql)
  }
  for (const table of ['GenerationQueue', 'GenerationCount', 'GenerationBucket', 'ModelConcurrencyLimit']) {
    await remove(table, `"modelId" IN ('m', 'idle')`)
  }
  for (const table of ['Ticket', 'TicketLedger']) await remove(table, `"userId" IN ('ada', 'bob')`)
}
