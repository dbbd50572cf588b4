import type { Queue } from '@genqueue/core'
import { prismaStorage } from '@genqueue/prisma'
import { timeProcessing } from '../contender.js'
import { median, ms, quantileOf, timed } from '../harness.js'
import { enqueueAll, genqueueSubject, openQueue } from '../peers/genqueue.js'
import type { AppClientClass } from '../prisma-client.js'
import { addAll, numbers } from '../work.js'
import { createDatabase } from './server.js'
import { openClient } from './subjects.js'

/** Filling takes seconds; where it does not, the depths that are left are left out. */
const FILL_MS_MAX = 150_000
const FILL = 10_000

export interface DepthSizes {
  readonly depths: readonly number[]
  /** Positions asked for at each depth. */
  readonly probes: number
  /** Whole lives behind each depth. */
  readonly lives: number
}

export interface Depth {
  readonly depth: number
  /** Null where nobody waits. */
  readonly positionMs: { readonly p50: number; readonly p99: number } | null
  readonly adds: number
  readonly processed: number
}

/** What positions and whole lives cost with more and more waiting; only the depths that were reached in time. */
export async function measureDepths(
  Client: AppClientClass,
  { depths, probes, lives }: DepthSizes,
): Promise<Depth[]> {
  const database = await createDatabase()
  const client = await openClient(Client, database.url)
  const queue = await openQueue(prismaStorage(client))
  const subject = genqueueSubject(queue, {
    remove: async () => {
      await client.$disconnect()
      await database.drop()
    },
  })
  const seen: Depth[] = []
  for (const depth of depths) {
    const queueIds = await fill(queue, depth)
    if (queueIds === null) break
    const times = await probePositions(queue, queueIds, probes)
    const adding = await timed(() => addAll(numbers(1, lives), subject.add))
    const processing = await timeProcessing(subject, lives)
    seen.push({
      depth,
      positionMs: times.length === 0 ? null : { p50: median(times), p99: quantileOf(times, 0.99) },
      adds: (lives / adding) * 1_000,
      processed: (lives / processing) * 1_000,
    })
    process.stderr.write(`measured behind ${depth.toLocaleString('en-US')}\n`)
  }
  await subject.close()
  return seen
}

/** The ids of those that were added to reach the depth. */
async function fill(queue: Queue, depth: number): Promise<number[] | null> {
  const startedAt = performance.now()
  const { queued } = await queue.stats()
  const queueIds: number[] = []
  for (let left = depth - queued; left > 0; left -= FILL) {
    for (const id of await enqueueAll(queue, numbers(1, Math.min(left, FILL)))) queueIds.push(id)
    if (performance.now() - startedAt < FILL_MS_MAX || left <= FILL) continue
    const reached = (queued + queueIds.length).toLocaleString('en-US')
    console.log(
      `${depth.toLocaleString('en-US')} waiting: not measured, ${reached} after ${FILL_MS_MAX / 1_000} s`,
    )
    return null
  }
  return queueIds
}

async function probePositions(queue: Queue, queueIds: readonly number[], probes: number): Promise<number[]> {
  const times: number[] = []
  for (let i = 0; i < (queueIds.length === 0 ? 0 : probes); i++) {
    const queueId = queueIds[Math.floor((i / probes) * queueIds.length)] as number
    let position: number | null | undefined
    times.push(
      await timed(async () => {
        ;[position] = await queue.positions([queueId])
      }),
    )
    // A fast answer that is none would be worth nothing.
    if (typeof position !== 'number') throw new Error(`generation ${queueId} waits, but has no position`)
  }
  return times
}

export const depthRow = ({ depth, positionMs, adds, processed }: Depth) => ({
  waiting: depth,
  'position p50 ms': positionMs === null ? '' : ms(positionMs.p50),
  'position p99 ms': positionMs === null ? '' : ms(positionMs.p99),
  'adds/s': Math.round(adds),
  'processed/s': Math.round(processed),
  'whole lives/s': Math.round(1 / (1 / adds + 1 / processed)),
})
