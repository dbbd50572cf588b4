import type { Engine } from './engine.js'
import type { GenqueueError } from './errors.js'
import { isGenqueueError } from './errors.js'
import type { Lease } from './lease.js'
import { leaseLost } from './process.js'
import { refusalError } from './refusals.js'
import type { Refusal } from './storage.js'

/** Renews the leases of this process together, so that any number of them costs one command a beat. */
export interface LeaseKeeper {
  /**
   * Renews until `release`. `onLost` is told once when the lease is no longer current: LEASE_LOST when another
   * holds it, INVALID_TRANSITION when the generation was cancelled, GENERATION_NOT_FOUND when it is gone.
   */
  hold(lease: Lease, onLost: (error: GenqueueError) => void): void
  release(queueId: number, token: string): void
  /** Reported with the next beat, at the latest after PROGRESS_EVERY_MS. */
  progress(queueId: number, token: string, fraction: number): void
  stop(): void
}

/** Three beats a lease: one may be lost and one late. */
const BEATS_PER_LEASE = 3
const PROGRESS_EVERY_MS = 500

interface Held {
  readonly lease: Lease
  readonly onLost: (error: GenqueueError) => void
  progress: number | null
}

export function createLeaseKeeper(engine: Engine, leaseMs: number): LeaseKeeper {
  const { clock } = engine.settings
  const held = new Map<string, Held>()
  let cancelBeat: (() => void) | undefined
  let cancelProgress: (() => void) | undefined

  const renew = async (entry: Held) => {
    const { queueId, token } = entry.lease
    const progress = entry.progress
    entry.progress = null
    try {
      const result = await engine.renew.add({ queueId, token, progress, leaseMs })
      if (!result.ok && held.get(token) === entry) {
        held.delete(token)
        entry.onLost(lostError(result, queueId))
      }
    } catch (error) {
      // The next beat tries again; the lease outlives two missed ones. A closed queue renews nothing.
      if (!isGenqueueError(error) || error.code !== 'CLOSED') engine.report(error, 'heartbeat')
    }
  }
  const renewAll = (entries: Iterable<Held>) => Promise.all(Array.from(entries, renew))

  const scheduleBeat = () => {
    cancelBeat ??= clock.setTimer(async () => {
      await renewAll(held.values())
      cancelBeat = undefined
      if (held.size > 0) scheduleBeat()
    }, leaseMs / BEATS_PER_LEASE)
  }
  const scheduleProgress = () => {
    cancelProgress ??= clock.setTimer(() => {
      cancelProgress = undefined
      void renewAll([...held.values()].filter((entry) => entry.progress !== null))
    }, PROGRESS_EVERY_MS)
  }

  return {
    hold(lease, onLost) {
      held.set(lease.token, { lease, onLost, progress: null })
      scheduleBeat()
    },
    release(_queueId, token) {
      held.delete(token)
    },
    progress(_queueId, token, fraction) {
      const entry = held.get(token)
      if (entry === undefined) return
      entry.progress = fraction
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
