import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createQueue, GenqueueError, type Handler, type Queue, type Worker } from '@genqueue/core'
import { memoryStorage } from '@genqueue/memory'
import { createMortal, type Mortal } from './mortal.js'
import { createProvider, DEMO_MODELS, type DemoModel, Observer } from './provider.js'
import { Record } from './record.js'
import { between, createRandom, pick } from './render/random.js'

/** Users and the tickets that they bought; eve will not have enough. */
export const DEMO_USERS: readonly { userId: string; tickets: number }[] = [
  { userId: 'ada', tickets: 90 },
  { userId: 'bob', tickets: 80 },
  { userId: 'eve', tickets: 25 },
]
/** A dead worker's slots come back after this; short, so that the demo can show it. */
const LEASE_MS = 2_000
const RETRY = { baseMs: 300, maxMs: 2_000 }
const WORKER = { concurrency: 6, pollMs: 100 }
const ARRIVALS_MS = 9_000
const DEATH_AT_MS = 6_000
/** How long it waits to have two in its hands before it dies with one. */
const CHOOSY_MS = 500
const CANCEL_AT_MS = [3_000, 5_000, 6_500, 8_000]
/** What a model is taken to need before it has run once: this app knows that its provider is quick. */
const DEFAULT_RUN_MS = 1_500
const LONGEST_MS = 120_000

export interface Show {
  readonly queue: Queue
  readonly record: Record
  readonly observer: Observer
  /** How many of all requests were made so far. */
  asked: number
  readonly of: number
  /** Resolves when everything asked for has ended. */
  readonly over: Promise<void>
  close(): Promise<void>
}

/** Users who ask for more than may run at once, two workers, one of which dies. */
export async function startShow(
  prompts: readonly string[],
  count: number,
  seed: number,
  out: string,
): Promise<Show> {
  const storage = memoryStorage()
  const options = {
    models: DEMO_MODELS.map(({ modelId, modelType, maxConcurrent }) => ({
      modelId,
      modelType,
      maxConcurrent,
    })),
    leaseMs: LEASE_MS,
    retry: RETRY,
    defaultRunMs: DEFAULT_RUN_MS,
  }
  const queue = createQueue({ storage, ...options })
  const mortal = createMortal(storage)
  const doomed = createQueue({ ...options, storage: mortal.storage, clock: mortal.clock })
  for (const { userId, tickets } of DEMO_USERS) await queue.tickets.grant(userId, tickets, { id: 'starter' })

  const [record, observer] = [new Record(), new Observer()]
  record.follow(queue)
  record.follow(doomed)
  preparePictures(out)
  const handler = createHandler(record, observer, seed, out)
  queue.worker(handler(), WORKER).start()
  const victim = doomed.worker(handler(mortal), WORKER).start()

  const show: Show = {
    queue,
    record,
    observer,
    asked: 0,
    of: count,
    over: Promise.resolve(),
    close: () => queue.close(),
  }
  const asking = askForAll(show, prompts, seed)
  const dying = after(DEATH_AT_MS)
    .then(() => die(mortal, victim, record))
    .then(() => {
      queue.worker(handler(), WORKER).start()
    })
  const cancelling = CANCEL_AT_MS.map((ms, i) => after(ms).then(() => cancelOne(queue, record, i === 1)))
  return Object.assign(show, {
    over: Promise.all([asking, dying, ...cancelling]).then(() => settled(record)),
  })
}

const after = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms))

function preparePictures(out: string): void {
  rmSync(join(out, 'pictures'), { recursive: true, force: true })
  mkdirSync(join(out, 'pictures'), { recursive: true })
}

/** What a worker does with a generation; in a mortal process it stops when the process dies. */
function createHandler(record: Record, observer: Observer, seed: number, out: string) {
  const provider = createProvider(observer, seed)
  return (mortal?: Mortal): Handler =>
    async ({ queueId, modelId, prompt }, { signal, progress, attempt }) => {
      const both = mortal === undefined ? signal : AbortSignal.any([signal, mortal.alive])
      const png = await provider({ queueId, modelId, prompt, attempt, signal: both, progress })
      const picture = `pictures/${queueId}.png`
      writeFileSync(join(out, picture), png)
      const seen = record.seen.get(queueId)
      if (seen !== undefined) seen.picture = picture
      return picture
    }
}

async function askForAll(show: Show, prompts: readonly string[], seed: number): Promise<void> {
  const random = createRandom(seed)
  const { queue, record, of } = show
  for (let i = 0; i < of; i++) {
    const [model, user] = [drawModel(random()), pick(random, DEMO_USERS)]
    const prompt = prompts[i % prompts.length] as string
    const { modelId, modelType, ticketCost } = model
    show.asked += 1
    try {
      const request = {
        userId: user.userId,
        modelId,
        modelType,
        prompt,
        ticketCost,
        priority: random() < 0.1 ? 1 : 0,
      }
      const queuedAt = Date.now()
      const { queueId, estimatedWait } = await queue.enqueue(request)
      const [estimatedMs, userId] = [estimatedWait * 1_000, user.userId]
      record.add({ queueId, userId, modelId, prompt, queuedAt, estimatedMs })
    } catch (error) {
      if (!(error instanceof GenqueueError) || error.code !== 'INSUFFICIENT_TICKETS') throw error
      if (record.refusedForTickets === 0) record.tell(`${user.userId} is out of tickets: ${error.code}`)
      record.refusedForTickets += 1
    }
    await after(between(random, 0.3, 1.7) * (ARRIVALS_MS / of))
  }
}

/** Quick models are asked for more often. */
function drawModel(lot: number): DemoModel {
  const shares = [0.32, 0.54, 0.86, 1]
  return DEMO_MODELS[shares.findIndex((share) => lot < share)] as DemoModel
}

/** Dies as soon as it has work in its hands; its successor starts when the loss has been seen. */
async function die(mortal: Mortal, victim: Worker, record: Record): Promise<void> {
  const choosyUntil = Date.now() + CHOOSY_MS
  const enough = () => victim.running >= (Date.now() < choosyUntil ? 2 : 1)
  while (!enough() && Date.now() < choosyUntil + ARRIVALS_MS) await after(10)
  mortal.kill()
  record.tell(
    `worker 2 dies with ${victim.running} in its hands; their slots stay taken until its leases lapse`,
  )
  await after(LEASE_MS)
}

async function cancelOne(queue: Queue, record: Record, running: boolean): Promise<void> {
  const wanted = running ? 'processing' : 'queued'
  const victim = record.all().findLast((seen) => seen.status === wanted)
  if (victim === undefined) return
  // It may end at this very moment: then there is nothing left to cancel.
  await queue.cancel(victim.queueId, { reason: 'changed my mind' }).catch((error: unknown) => {
    if (!(error instanceof GenqueueError) || error.code !== 'INVALID_TRANSITION') throw error
  })
}

async function settled(record: Record): Promise<void> {
  const giveUpAt = Date.now() + LONGEST_MS
  while (record.all().some((seen) => seen.endedAt === null)) {
    if (Date.now() > giveUpAt) throw new Error(`not everything ended within ${LONGEST_MS / 1_000} s`)
    await after(50)
  }
}
