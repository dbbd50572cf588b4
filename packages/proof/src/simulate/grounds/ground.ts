import type { Storage } from '@genqueue/core'
import type { Evidence } from '../../chaos/evidence/evidence.js'

/** An empty storage for one run. */
export interface Ground {
  /** One for each process of the app, as each would have; opened by who uses them. */
  readonly handles: readonly Storage[]
  /** What stands in the storage, read without the library where there is another way. */
  readonly evidence: Evidence
  close(): Promise<void>
}

/** Gives every run an empty storage, one run after the other. */
export interface Grounds {
  readonly label: string
  fresh(): Promise<Ground>
  /** Stops what it started. */
  destroy(): Promise<void>
}
