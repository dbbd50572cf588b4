import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { STORAGES, type StorageName } from '../chaos/storages.js'
import { type ContenderName, contenderOf } from './contenders.js'
import { nodeFor } from './node.js'
import type { Plan } from './plan.js'
import { type Drain, drainRound } from './rounds/drain.js'
import { type Kill, killRounds } from './rounds/kill.js'
import type { Scene } from './rounds/scene.js'
import { type Speed, speedRound } from './rounds/speed.js'
import { serverVersion } from './versions.js'

export interface Figures {
  readonly node: string
  /** Null where there is no server. */
  readonly server: string | null
  readonly drain: Drain
  /** None where nothing outlives the process. */
  readonly kills: readonly Kill[]
  readonly speed: Speed
}

/** Figures, or a sentence about why there are none. */
export interface Row {
  readonly contender: ContenderName
  readonly figures: Figures | string
}

export interface RunOptions {
  readonly contender: ContenderName
  readonly plan: Plan
  /** What the contender is told, where it shall not be what it is held to: to see the judges fire. */
  readonly toldCap?: number
  readonly signal: AbortSignal
  readonly progress: (line: string) => void
}

/** One contender from empty storages of its own to figures; the storages are gone afterwards. */
export async function runContender(options: RunOptions): Promise<Row> {
  const { contender, signal } = options
  const { storage, needsNode } = contenderOf(contender)
  const node = await nodeFor(needsNode)
  if (typeof node === 'string') return { contender, figures: node }
  try {
    const capped = await onStorage(storage, options, node.path, async (scene) => ({
      drain: await drainRound(scene),
      kills: await killRounds(scene),
      server: storage && (await serverVersion(storage, scene.ground.place.port)),
    }))
    const speed = await onStorage(storage, options, node.path, speedRound)
    return { contender, figures: { node: node.version, ...capped, speed } }
  } catch (error) {
    signal.throwIfAborted()
    return { contender, figures: error instanceof Error ? error.message : String(error) }
  }
}

async function onStorage<Result>(
  storage: StorageName | null,
  { contender, plan, toldCap, signal, progress }: RunOptions,
  node: string,
  play: (scene: Scene) => Promise<Result>,
): Promise<Result> {
  const folder = mkdtempSync(join(tmpdir(), 'genqueue-scoreboard-'))
  const server = (await (storage && STORAGES[storage].server)?.(folder)) ?? null
  try {
    await server?.start()
    const ground = {
      place: { port: server?.port ?? 0, folder },
      cap: toldCap ?? plan.cap,
      perProcess: plan.perProcess,
      leaseMs: plan.leaseMs,
    }
    return await play({ contender, plan, ground, node, signal, progress })
  } finally {
    await server?.destroy()
    rmSync(folder, { recursive: true, force: true })
  }
}
