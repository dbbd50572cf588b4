import { Bag, type Bagged, NOWHERE } from './bag.js'
import type { Engine } from './engine.js'
import type { GenqueueError } from './errors.js'
import { isGenqueueError } from './errors.js'
import type { Lease } from './lease.js'
import { leaseLost } from './process.js'
import { refusalError } from './refusals.js'
import type { Refusal } from './storage.js'

/** Who wants a lease renewed. */
export interface Holder extends Bagged {
  readonly lease: Lease
  /** To be told with the next beat; null: nothing new. */
  progress: number | null
  /** Set when the lease turned out to be no longer current: it is renewed no more. */
  isLost: boolean
  /**
   * Told once when that turns out: LEASE_LOST when another holds it, INVALID_TRANSITION when the generation was cancelled,
   * GENERATION_NOT_FOUND when it is gone.
   */
  lost(error: GenqueueError): void
}

/** Renews the leases of this process together, so that any number of them costs one command a beat. */
export interface LeaseKeeper<Held extends Holder> {
  /** Those held and not released, the lost ones included. */
  readonly held: Bag<Held>
  /** Renews until `release`, or until the lease is lost. */
  hold(holder: Held): void
  release(holder: Held): void
  /** Reported with the next beat, at the latest after PROGRESS_EVERY_MS. */
  progress(holder: Held, fraction: number): void
  stop(): void
}

/** Three beats a lease: one may be lost and one late. */
const BEATS_PER_LEASE = 3
const PROGRESS_EVERY_MS = 500

export function createLeaseKeeper<Held extends Holder>(engine: Engine, leaseMs: number): LeaseKeeper<Held> {
  const { clock } = engine.settings
  const held = new Bag<Held>()
  let cancelBeat: (() => void) | undefined
  let cancelProgress: (() => void) | undefined

  const renew = async (holder: Holder) => {
    const { queueId, token } = holder.lease
    const progress = holder.progress
    holder.progress = null
    try {
      const result = await engine.renew.add({ queueId, token, progress, leaseMs })
      if (result.ok || holder.isLost || holder.place === NOWHERE) return
      holder.isLost = true
      holder.lost(lostError(result, queueId))
    } catch (error) {
      // The next beat tries again; the lease outlives two missed ones. A closed queue renews nothing.
      if (!isGenqueueError(error) || error.code !== 'CLOSED') engine.report(error, 'heartbeat')
    }
  }
  const renewAll = (holders: readonly Holder[]) =>
    Promise.all(holders.filter((holder) => !holder.isLost).map(renew))

  const scheduleBeat = () => {
    cancelBeat ??= clock.setTimer(async () => {
      await renewAll(held.all())
      cancelBeat = undefined
      if (held.size > 0) scheduleBeat()
    }, leaseMs / BEATS_PER_LEASE)
  }
  const scheduleProgress = () => {
    cancelProgress ??= clock.setTimer(() => {
      cancelProgress = undefined
      void renewAll(held.all().filter((holder) => holder.progress !== null))
    }, PROGRESS_EVERY_MS)
  }

  return {
    held,
    hold(holder) {
      held.add(holder)
      scheduleBeat()
    },
    release: (holder) => held.delete(holder),
    progress(holder, fraction) {
      if (holder.isLost || holder.place === NOWHERE) return
      holder.progress = fraction
      scheduleProgress()
    },
    stop() {
      held.clear()
      cancelBeat?.()
      cancelProgress?.()
      cancelBeat = undefined
      cancelProgress = undefined
    },
  }
}

function lostError(refusal: Refusal, queueId: number): GenqueueError {
  if (refusal.code === 'status_mismatch' && refusal.status === 'cancelled') {
    return refusalError(refusal, { doing: 'heartbeat', queueId })
  }
  return leaseLost(refusal, queueId)
}
