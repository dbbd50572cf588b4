import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { STORAGES, type StorageName } from '../chaos/storages.js'
import { monotonicMs } from '../chaos/time.js'
import { type ContenderName, contenderOf } from './contenders.js'
import { nodeFor } from './node.js'
import type { Plan } from './plan.js'
import { type Drain, drainRound } from './rounds/drain.js'
import { type Kill, killRounds } from './rounds/kill.js'
import type { Scene } from './rounds/scene.js'
import { middleOf, type Speed, speedRound } from './rounds/speed.js'
import { serverVersion } from './versions.js'

interface Capped {
  readonly node: string
  /** Null where there is no server. */
  readonly server: string | null
  readonly drain: Drain
  /** None where nothing outlives the process. */
  readonly kills: readonly Kill[]
}

export interface Figures extends Capped {
  readonly speed: Speed
}

/** Figures, or a sentence about why there are none. */
export interface Row {
  readonly contender: ContenderName
  readonly figures: Figures | string
}

export interface RunOptions {
  readonly contenders: readonly ContenderName[]
  readonly plan: Plan
  /** What contenders are told, where it shall not be what they are held to: to see the judges fire. */
  readonly toldCap?: number
  readonly signal: AbortSignal
  readonly progress: (line: string) => void
}

/** One after the other; speed in turns, so that a slow minute of the machine hits all of them. */
export async function runAll(options: RunOptions): Promise<Row[]> {
  const { contenders, plan } = options
  const say = announcer(options)
  const found = new Map<ContenderName, Capped | string>()
  const speeds = new Map<ContenderName, Speed[]>(contenders.map((contender) => [contender, []]))
  for (const contender of contenders) {
    say(contender, 'under a cap')
    found.set(contender, await outcomeOf(options, () => measureCapped(contender, options)))
  }
  for (let turn = 1; turn <= plan.speed.turns; turn++) {
    for (const contender of contenders) {
      if (typeof found.get(contender) === 'string') continue
      say(contender, `speed, turn ${turn} of ${plan.speed.turns}`)
      const speed = await outcomeOf(options, () => measureSpeed(contender, options))
      if (typeof speed === 'string') found.set(contender, speed)
      else speeds.get(contender)?.push(speed)
    }
  }
  return contenders.map((contender) => {
    const capped = found.get(contender) as Capped | string
    const speed = middleOf(speeds.get(contender) as Speed[])
    return { contender, figures: typeof capped === 'string' ? capped : { ...capped, speed } }
  })
}

function announcer({ progress }: RunOptions) {
  const startedAt = monotonicMs()
  return (contender: ContenderName, what: string) => {
    const minutes = ((monotonicMs() - startedAt) / 60_000).toFixed(1)
    progress(`\n${contenderOf(contender).label}: ${what} (${minutes} min so far)`)
  }
}

/** What cannot be measured says why, and the others go on. */
async function outcomeOf<Result>(
  { signal, progress }: RunOptions,
  measure: () => Promise<Result | string>,
): Promise<Result | string> {
  try {
    return await measure()
  } catch (error) {
    signal.throwIfAborted()
    const why = error instanceof Error ? error.message : String(error)
    progress(`  not measured: ${why}`)
    return why
  }
}

async function measureCapped(contender: ContenderName, options: RunOptions): Promise<Capped | string> {
  const { storage, needsNode } = contenderOf(contender)
  const node = await nodeFor(needsNode)
  if (typeof node === 'string') return node
  return onStorage(contender, options, node.path, async (scene) => ({
    node: node.version,
    drain: await drainRound(scene),
    kills: await killRounds(scene),
    server: storage && (await serverVersion(storage, scene.ground.place.port)),
  }))
}

async function measureSpeed(contender: ContenderName, options: RunOptions): Promise<Speed | string> {
  const node = await nodeFor(contenderOf(contender).needsNode)
  return typeof node === 'string' ? node : onStorage(contender, options, node.path, speedRound)
}

/** Plays on an empty storage of its own, which is gone afterwards. */
async function onStorage<Result>(
  contender: ContenderName,
  { plan, toldCap, signal, progress }: RunOptions,
  node: string,
  play: (scene: Scene) => Promise<Result>,
): Promise<Result> {
  const folder = mkdtempSync(join(tmpdir(), 'genqueue-scoreboard-'))
  const storage: StorageName | null = contenderOf(contender).storage
  const server = (await (storage && STORAGES[storage].server)?.(folder)) ?? null
  try {
    await server?.start()
    const ground = {
      place: { port: server?.port ?? 0, folder },
      cap: toldCap ?? plan.cap,
      perProcess: plan.perProcess,
      leaseMs: plan.leaseMs,
    }
    const tell = (line: string) => progress(`  ${line}`)
    return await play({ contender, plan, ground, node, signal, progress: tell })
  } finally {
    await server?.destroy()
    rmSync(folder, { recursive: true, force: true })
  }
}
