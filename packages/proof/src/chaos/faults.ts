import { spawn } from 'node:child_process'
import type { Fleet, Role } from './fleet.js'
import type { Say } from './log.js'
import type { CuttingProxy } from './proxy.js'
import type { Random } from './random.js'
import type { Server } from './servers/server.js'
import { monotonicMs, pause } from './time.js'

/** What the faults are done to. */
export interface Stage {
  readonly fleet: Fleet
  /** The processes that run handlers now. */
  readonly busy: () => ReadonlySet<string>
  /** null where the storage is a file. */
  readonly server: Server | null
  readonly proxy: CuttingProxy | null
  readonly leaseMs: number
  /** What is done when; and apart from it the details of each, which are asked for in no fixed order. */
  readonly plan: Random
  readonly random: Random
  readonly say: Say
  readonly signal: AbortSignal
}

interface Fault {
  /** How often it is chosen, against the others. */
  readonly weight: number
  /** The least time between two of it. */
  readonly pauseMs: (stage: Stage) => number
  readonly needsServer: boolean
  /** null: there is nothing to do it to now. */
  do(stage: Stage): Promise<void> | null
}

const DOWN_MS = { least: 200, most: 1_500 }
const SWALLOW_MS = { least: 20, most: 200 }
const BURN_MS = { least: 1_500, most: 4_000 }
const BURNERS = 3
/** Nobody is killed or stopped while fewer are at work: what is watched is recovery, not a machine that only starts processes. */
const LEFT_ALONE = { worker: 4, producer: 1 }

function victims(
  { fleet }: Stage,
  role: Role,
  wanted: (who: string) => boolean = () => true,
): readonly string[] {
  const running = fleet.running(role)
  return running.length > LEFT_ALONE[role] ? running.filter(wanted) : []
}

function kill(stage: Stage, role: Role): Promise<void> | null {
  const found = victims(stage, role)
  if (found.length === 0) return null
  stage.fleet.kill(role, stage.random.pick(found))
  return Promise.resolve()
}
const OVERSLEEP_MS = 2_000

const FAULTS = {
  killWorker: {
    weight: 40,
    pauseMs: () => 1_000,
    needsServer: false,
    do: (stage) => kill(stage, 'worker'),
  },
  killProducer: {
    weight: 8,
    pauseMs: () => 3_000,
    needsServer: false,
    do: (stage) => kill(stage, 'producer'),
  },
  cutConnections: {
    weight: 12,
    pauseMs: () => 1_000,
    needsServer: true,
    async do({ proxy, say }) {
      say({ what: 'cut' })
      proxy?.cut()
    },
  },
  swallowReplies: {
    weight: 16,
    pauseMs: () => 1_000,
    needsServer: true,
    async do({ proxy, random, say }) {
      say({ what: 'swallowed' })
      await proxy?.swallow(random.between(SWALLOW_MS.least, SWALLOW_MS.most))
    },
  },
  crashServer: {
    weight: 8,
    pauseMs: () => 8_000,
    needsServer: true,
    async do({ server, random, say }) {
      say({ what: 'server', state: 'down' })
      await server?.crash()
      await pause(random.between(DOWN_MS.least, DOWN_MS.most))
      await server?.start()
      say({ what: 'server', state: 'up' })
    },
  },
  /** Longer than its lease: another gets its slots, and what it does when it wakes must change nothing. */
  freezeWorker: {
    weight: 6,
    pauseMs: ({ leaseMs }) => leaseMs + OVERSLEEP_MS,
    needsServer: false,
    do(stage) {
      const { fleet, busy, random, leaseMs, signal } = stage
      const holders = busy()
      const found = victims(stage, 'worker', (who) => holders.has(who))
      if (found.length === 0) return null
      return fleet.freeze('worker', random.pick(found), leaseMs + OVERSLEEP_MS, signal)
    },
  },
  starveCpu: {
    weight: 6,
    pauseMs: () => 10_000,
    needsServer: false,
    async do({ random, say }) {
      say({ what: 'starved' })
      const script = `const end = Date.now() + ${random.between(BURN_MS.least, BURN_MS.most)}; while (Date.now() < end);`
      const burners = Array.from({ length: BURNERS }, () =>
        spawn(process.execPath, ['-e', script], { stdio: 'ignore' }),
      )
      await Promise.all(burners.map((burner) => new Promise((resolve) => burner.once('exit', resolve))))
    },
  },
} as const satisfies Record<string, Fault>

export type FaultName = keyof typeof FAULTS
const NAMES = Object.keys(FAULTS) as FaultName[]
const BETWEEN_MS = { least: 300, most: 2_000 }

/** Does faults for so long: each kind once if it can be, then as the seed has it, several at a time; answers how many of each. */
export async function doFaults(stage: Stage, forMs: number): Promise<Record<FaultName, number>> {
  const done = Object.fromEntries(NAMES.map((name) => [name, 0])) as Record<FaultName, number>
  const freeFrom = new Map<FaultName, number>()
  const underWay = new Set<Promise<void>>()
  let failure: unknown
  const first = stage.plan
    .shuffled(NAMES)
    .filter((name) => stage.server !== null || !FAULTS[name].needsServer)
  const endAt = monotonicMs() + forMs
  while (monotonicMs() < endAt && failure === undefined && !stage.signal.aborted) {
    await pause(stage.plan.between(BETWEEN_MS.least, BETWEEN_MS.most), stage.signal)
    const name = first.pop() ?? choose(stage, (one) => monotonicMs() >= (freeFrom.get(one) ?? 0))
    if (name === undefined) continue
    const fault: Fault = FAULTS[name]
    const doing = fault.do(stage)
    if (doing === null) continue
    freeFrom.set(name, Number.POSITIVE_INFINITY)
    done[name] += 1
    const running: Promise<void> = doing
      .catch((error: unknown) => {
        failure ??= error
      })
      .finally(() => {
        freeFrom.set(name, monotonicMs() + fault.pauseMs(stage))
        underWay.delete(running)
      })
    underWay.add(running)
  }
  await Promise.all(underWay)
  stage.signal.throwIfAborted()
  if (failure !== undefined) throw failure
  return done
}

function choose({ server, plan }: Stage, isFree: (name: FaultName) => boolean): FaultName | undefined {
  const possible = NAMES.filter((name) => isFree(name) && (server !== null || !FAULTS[name].needsServer))
  const lots = possible.flatMap((name) => Array<FaultName>(FAULTS[name].weight).fill(name))
  return lots.length === 0 ? undefined : plan.pick(lots)
}
