import type { Place } from '../../chaos/storages.js'

/** What a process of a run needs to know of it, beside who it is. */
export interface Ground {
  readonly place: Place
  /** Over all processes; null where raw speed is measured and nothing shall hold the library back. */
  readonly cap: number | null
  /** Jobs that one process is willing to run at once: more than the cap, so that only the library holds it. */
  readonly perProcess: number
  /** Of genqueue; null for its default. */
  readonly leaseMs: number | null
}

/** A library as a process of an app uses it, for one kind of job with a cap over all processes. */
export interface Adapter {
  /** Once in an empty storage. */
  setUp(): Promise<void>
  /** In one call of the library, which takes 100 at a time. */
  add(jobs: readonly number[]): Promise<void>
  /** Connects a worker; it starts to take jobs when the answer is called. */
  prepare(handle: (job: number) => Promise<void>): Promise<() => unknown>
  /** Jobs that wait or run as the storage has it. */
  left(): Promise<number>
}

export type OpenAdapter = (ground: Ground) => Promise<Adapter>
