/** The sizes of a run. */
export interface Plan {
  /** Of one app, sharing a storage; 1 for a contender that lives in one process. */
  readonly processes: number
  readonly cap: number
  /** Jobs that a process would run at once if it were let. */
  readonly perProcess: number
  readonly drain: { readonly jobs: number; readonly runMs: number }
  /** A holder of all slots is killed so often, while `waiting` jobs stand behind it. */
  readonly kill: {
    readonly rounds: number
    readonly waiting: number
    readonly runMs: number
    /** The longest wait for the slots. */
    readonly boundMs: number
  }
  /** The median of so many turns. */
  readonly speed: { readonly turns: number; readonly fillMs: number; readonly raceMs: number }
  /** Of genqueue; null for its default. */
  readonly leaseMs: number | null
}

export const WHOLE: Plan = {
  processes: 4,
  cap: 3,
  perProcess: 5,
  drain: { jobs: 201, runMs: 150 },
  kill: { rounds: 3, waiting: 12, runMs: 1_000, boundMs: 90_000 },
  speed: { turns: 3, fillMs: 2_000, raceMs: 3_000 },
  leaseMs: null,
}

export const QUICK: Plan = {
  ...WHOLE,
  drain: { jobs: 60, runMs: 150 },
  kill: { rounds: 1, waiting: 6, runMs: 500, boundMs: 30_000 },
  speed: { turns: 1, fillMs: 1_000, raceMs: 1_000 },
}
