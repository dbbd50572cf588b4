import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startScript } from './child.js'
import type { StoredBooks } from './evidence/evidence.js'
import { doFaults, type FaultName } from './faults.js'
import { Fleet } from './fleet.js'
import { LOG_FOLDER, openLog, type Say } from './log.js'
import { Observer } from './observer.js'
import type { Orders } from './processes/start.js'
import { type CuttingProxy, startProxy } from './proxy.js'
import { seeded } from './random.js'
import type { Server } from './servers/server.js'
import { type Place, STORAGES, type StorageKind, type StorageName } from './storages.js'
import { monotonicMs, pause, until } from './time.js'
import { type Verdict, verdictOf } from './verdict.js'
import { MODELS } from './workload.js'

export interface RunOptions {
  readonly storage: StorageName
  readonly seed: number
  /** How long faults are done; before and after it comes as much time as the run needs. */
  readonly chaosMs: number
  readonly leaseMs: number
  /** Ends the run early: it throws, and leaves nothing behind. */
  readonly signal: AbortSignal
  /** Told now and then how it stands. */
  readonly progress: (line: string) => void
}

const WORKERS = 6
const PRODUCERS = 2
const FIRST_START_MS = 60_000
/** Work goes on without faults for so long after the last lease can have lapsed, so that every slot is seen to come back. */
const CALM_MS = 4_000
const DRAIN_MS = 90_000
const PROGRESS_MS = 5_000

/** A run's own server, the proxy before it, and where it keeps its files. */
interface Ground {
  readonly kind: StorageKind
  readonly folder: string
  readonly server: Server | null
  readonly proxy: CuttingProxy | null
  /** For the processes of the run, through the proxy; and past it, for the observer. */
  readonly near: Place
  readonly direct: Place
}

/** One storage under faults, from an empty database to closed books. Its files stay only when the books do not match. */
export async function runChaos(options: RunOptions): Promise<Verdict> {
  const ground = await prepare(STORAGES[options.storage])
  let keep = false
  try {
    const verdict = await runOn(ground, options)
    keep = verdict.breaches.length > 0
    return verdict
  } finally {
    await ground.proxy?.close()
    await ground.server?.destroy()
    if (keep) options.progress(`the notes of all processes are kept in ${ground.folder}`)
    else rmSync(ground.folder, { recursive: true, force: true })
  }
}

async function prepare(kind: StorageKind): Promise<Ground> {
  const folder = mkdtempSync(join(tmpdir(), 'genqueue-chaos-'))
  const server = kind.server === null ? null : await kind.server(folder)
  await server?.start()
  mkdirSync(join(folder, LOG_FOLDER), { recursive: true })
  const proxy = server === null ? null : await startProxy(server.port)
  const direct = { port: server?.port ?? 0, folder }
  return { kind, folder, server, proxy, direct, near: { ...direct, port: proxy?.port ?? 0 } }
}

async function runOn(ground: Ground, options: RunOptions): Promise<Verdict> {
  const { storage, leaseMs, seed } = options
  const orders = { storage, leaseMs, seed, place: ground.near }
  await operator('setup', { ...orders, who: 'operator' })
  const say = openLog(join(ground.folder, LOG_FOLDER), 'conductor')
  const evidence = ground.kind.evidence(ground.direct)
  const observer = new Observer(join(ground.folder, LOG_FOLDER), evidence, MODELS)
  const fleet = new Fleet(orders, seeded(seed + 2), say, (who) => observer.up().has(who))
  const startedAt = monotonicMs()
  const ticking = setInterval(() => options.progress(progressOf(observer, startedAt)), PROGRESS_MS)
  try {
    const faults = await play({ fleet, observer, ground, say, options })
    const drained = await drain(fleet, () => {
      options.signal.throwIfAborted()
      return evidence.unfinished()
    })
    await observer.end()
    // From here on nothing changes, also when it did not drain.
    await fleet.destroy()
    const books = await evidence.books()
    // Past the proxy: what it says is about the books, not about the way there.
    const verify = await operator('verify', { ...orders, place: ground.direct, who: 'auditor' })
    return judged(options, { observer, books, faults, drained, verify, tookMs: monotonicMs() - startedAt })
  } finally {
    clearInterval(ticking)
    await observer.end()
    await fleet.destroy()
    await evidence.close()
  }
}

interface Scene {
  readonly fleet: Fleet
  readonly observer: Observer
  readonly ground: Ground
  readonly say: Say
  readonly options: RunOptions
}

/** Work with faults, then work without. */
async function play({ fleet, observer, ground, say, options }: Scene): Promise<Record<FaultName, number>> {
  const { leaseMs, chaosMs, seed, signal } = options
  for (let i = 0; i < WORKERS; i++) fleet.start('worker')
  for (let i = 0; i < PRODUCERS; i++) fleet.start('producer')
  const up = () => {
    signal.throwIfAborted()
    return observer.up().size >= WORKERS + PRODUCERS
  }
  if (!(await until(up, FIRST_START_MS))) {
    throw new Error(`the processes did not start: ${fleet.complaints().join('; ')}`)
  }
  observer.watch()
  const { server, proxy } = ground
  const busy = () => observer.busy()
  const faults = await doFaults(
    { fleet, busy, server, proxy, leaseMs, plan: seeded(seed), random: seeded(seed + 1), say, signal },
    chaosMs,
  )
  await pause(leaseMs + CALM_MS, signal)
  return faults
}

/** No new work; answers whether all that was accepted came to an end. */
async function drain(fleet: Fleet, unfinished: () => Promise<number>): Promise<boolean> {
  await fleet.retire('producer')
  // A look that fails says nothing; the next one will.
  const left = () => unfinished().catch(() => 1)
  return until(async () => (await left()) === 0, DRAIN_MS)
}

/** Runs the operator's script; answers what it complained about, or null when all was well. */
async function operator(task: 'setup' | 'verify', orders: Orders): Promise<string | null> {
  const script = new URL('./processes/operator.ts', import.meta.url)
  const child = startScript(script, [JSON.stringify(orders), task])
  const code = await child.ended
  if (code === 0) return null
  if (task === 'setup') throw new Error(`setting up ${orders.storage} failed: ${child.complaint()}`)
  return child.complaint().trim()
}

interface Seen {
  readonly observer: Observer
  readonly books: StoredBooks
  readonly faults: Record<FaultName, number>
  readonly drained: boolean
  readonly verify: string | null
  readonly tookMs: number
}

function judged({ storage, seed, leaseMs }: RunOptions, seen: Seen): Verdict {
  const { observer, ...rest } = seen
  const { samples, rowsOverCap, overdrawn, accountsSeen, unanswered } = observer
  const entries = observer.entries()
  return verdictOf({
    storage,
    seed,
    leaseMs,
    caps: MODELS,
    entries,
    samples,
    rowsOverCap,
    overdrawn,
    accountsSeen,
    unanswered,
    ...rest,
  })
}

/** What was noted so far, in words. */
const NOTED = {
  got: 'accepted',
  begin: 'begun',
  end: 'ended',
  killed: 'processes killed',
  stopped: 'stopped',
  cut: 'cuts',
  swallowed: 'replies swallowed',
  crashes: 'server crashes',
}

function progressOf(observer: Observer, startedAt: number): string {
  const counts: Record<string, number> = {}
  for (const entry of observer.entries()) {
    const what = entry.what === 'server' && entry.state === 'down' ? 'crashes' : entry.what
    counts[what] = (counts[what] ?? 0) + 1
  }
  const seconds = Math.round((monotonicMs() - startedAt) / 1_000)
  const words = Object.entries(NOTED).map(([what, word]) => `${counts[what] ?? 0} ${word}`)
  return `${seconds} s: ${words.join(', ')}`
}
