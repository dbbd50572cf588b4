import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { STORAGES } from '../chaos/storages.js'
import { CONTENDERS, type Contender, type ContenderName } from './contenders.js'
import type { Ground } from './library/adapter.js'
import { nodeFor } from './node.js'
import type { Plan } from './plan.js'
import { type Drain, drainRound, type Kill, killRounds } from './rounds.js'
import { serverVersion } from './versions.js'

export interface Figures {
  readonly node: string
  /** Null where there is no server. */
  readonly server: string | null
  readonly drain: Drain
  /** None where nothing outlives the process. */
  readonly kills: readonly Kill[]
}

/** Figures, or a sentence about why there are none. */
export interface Row {
  readonly contender: ContenderName
  readonly figures: Figures | string
}

export interface RunOptions {
  readonly contender: ContenderName
  readonly plan: Plan
  readonly signal: AbortSignal
  readonly progress: (line: string) => void
}

/** One contender from an empty storage of its own to figures; the storage is gone afterwards. */
export async function runContender(options: RunOptions): Promise<Row> {
  const { contender, plan } = options
  const { storage, needsNode } = CONTENDERS[contender] as Contender
  const node = await nodeFor(needsNode)
  if (typeof node === 'string') return { contender, figures: node }
  const folder = mkdtempSync(join(tmpdir(), 'genqueue-scoreboard-'))
  try {
    const server = (await (storage && STORAGES[storage].server)?.(folder)) ?? null
    try {
      await server?.start()
      const ground: Ground = {
        place: { port: server?.port ?? 0, folder },
        cap: plan.cap,
        perProcess: plan.perProcess,
      }
      const scene = { ...options, ground, node: node.path }
      const drain = await drainRound(scene)
      const kills = await killRounds(scene)
      const version = storage && server && (await serverVersion(storage, server.port))
      return { contender, figures: { node: node.version, server: version, drain, kills } }
    } finally {
      await server?.destroy()
    }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
