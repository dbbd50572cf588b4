import { type EnqueueResult, type GenerationRequest, GenqueueError, type Queue } from '@genqueue/core'
import type { Say } from '../log.js'
import { type Random, seeded } from '../random.js'
import { pause } from '../time.js'
import { costOf, GUEST, MODEL_IDS, MODELS, POOR, POOR_TICKETS, RICH } from '../workload.js'
import { fakeJob } from './job.js'
import { type Orders, start } from './start.js'

/** So many that no slot is idle for want of work, and so few that the end is soon reached. */
const waitingFor = (modelId: string) => 4 + 2 * (MODELS[modelId] ?? 0)
const BUSY_MODELS = MODEL_IDS.filter((modelId) => modelId !== GUEST)
/** So seldom that guests often find a free slot, and so often that some do not. */
const GUEST_SHARE = 0.3
const GUESTS_MAX = 4
const BATCH_MAX = 8
const LOOK_MS = 150
const REPEAT_SHARE = 0.05
const CANCEL_SHARE = 0.04
const TOP_UP_SHARE = 0.05
const POOR_SHARE = 0.15
/** Requests whose answer is still unknown; the oldest is given up when there are more. */
const UNSURE_MAX = 200

const codeOf = (error: unknown): string => (error instanceof GenqueueError ? error.code : 'UNKNOWN')

/**
 * Keeps some generations of every busy model waiting, runs guests itself, repeats requests whose answers were lost and now
 * and then one that was answered, cancels some, and tops up users who run dry. Tells the log before and after everything
 * it asks for.
 */
class Producer {
  readonly #queue: Queue
  readonly #say: Say
  readonly #random: Random
  readonly #name: string
  #made = 0
  #unsure: GenerationRequest[] = []
  readonly #guests = new Set<Promise<void>>()
  readonly #leaseMs: number
  #stopping = false

  constructor(queue: Queue, say: Say, random: Random, { who, leaseMs }: Orders) {
    this.#queue = queue
    this.#say = say
    this.#leaseMs = leaseMs
    this.#random = random
    this.#name = who
  }

  stop(): void {
    this.#stopping = true
  }

  async run(): Promise<void> {
    while (!this.#stopping) {
      await this.#round().catch((error: unknown) => {
        // The storage is away or slow: the next round asks again.
        if (codeOf(error) !== 'STORAGE_UNAVAILABLE') throw error
      })
      await pause(LOOK_MS)
    }
    await Promise.all(this.#guests)
  }

  async #round(): Promise<void> {
    const again = this.#unsure
    this.#unsure = []
    if (again.length > 0) await this.#send(again)
    const { models } = await this.#queue.stats()
    for (const modelId of BUSY_MODELS) {
      const waiting = models.find((model) => model.modelId === modelId)?.waiting ?? 0
      const missing = Math.min(BATCH_MAX, waitingFor(modelId) - waiting)
      if (missing > 0) await this.#send(Array.from({ length: missing }, () => this.#request(modelId)))
    }
    if (this.#random.next() < TOP_UP_SHARE) await this.#topUp()
    const waiting = models.find(({ modelId }) => modelId === GUEST)?.waiting ?? 0
    if (waiting < waitingFor(GUEST) && this.#guests.size < GUESTS_MAX && this.#random.next() < GUEST_SHARE) {
      const guest = this.#runHere(this.#request(GUEST)).finally(() => this.#guests.delete(guest))
      this.#guests.add(guest)
    }
  }

  /** Starts it here when a slot is free; otherwise it waits for a worker like any other. */
  async #runHere(request: GenerationRequest): Promise<void> {
    const key = this.#want(request)
    const job = fakeJob(this.#say, this.#leaseMs, false)
    let attempt = 1
    try {
      const outcome = await this.#queue.run(request, (generation, context) => {
        attempt = context.attempt
        this.#say({ what: 'got', key, queueId: generation.queueId, again: false })
        return job(generation, context)
      })
      const { queueId, status } = outcome
      if ('duplicate' in outcome) this.#say({ what: 'got', key, queueId, again: outcome.duplicate })
      else this.#say({ what: 'told', queueId, attempt, end: status })
    } catch (error) {
      this.#denied(request, codeOf(error))
    }
  }

  #request(modelId: string): GenerationRequest {
    this.#made += 1
    const users = this.#random.next() < POOR_SHARE ? POOR : RICH
    return {
      userId: this.#random.pick(users),
      modelId,
      prompt: `fake job ${this.#made} of ${this.#name}`,
      ticketCost: costOf(this.#random.between(0, 100)),
      priority: this.#random.between(0, 2),
      idempotencyKey: `${this.#name}-${this.#made}`,
    }
  }

  async #send(requests: readonly GenerationRequest[]): Promise<void> {
    for (const request of requests) this.#want(request)
    const results = await this.#queue.enqueueMany(requests)
    for (const [index, result] of results.entries()) {
      await this.#answered(requests[index] as GenerationRequest, result)
    }
  }

  #want({ idempotencyKey: key = '', userId, modelId, ticketCost: cost = 0 }: GenerationRequest): string {
    this.#say({ what: 'want', key, userId, modelId, cost })
    return key
  }

  #denied(request: GenerationRequest, code: string): void {
    this.#say({ what: 'denied', key: request.idempotencyKey as string, code })
    if (code === 'STORAGE_UNAVAILABLE') this.#unsure = [...this.#unsure, request].slice(-UNSURE_MAX)
  }

  async #answered(request: GenerationRequest, result: EnqueueResult): Promise<void> {
    const key = request.idempotencyKey as string
    if (!result.ok) return this.#denied(request, result.error.code)
    this.#say({ what: 'got', key, queueId: result.queueId, again: result.duplicate })
    if (this.#random.next() < REPEAT_SHARE) this.#unsure.push(request)
    if (this.#random.next() < CANCEL_SHARE) await this.#cancel(result.queueId)
  }

  async #cancel(queueId: number): Promise<void> {
    this.#say({ what: 'cancel', queueId })
    const code = await this.#queue.cancel(queueId).then(() => null, codeOf)
    this.#say({ what: 'cancelled', queueId, code })
  }

  async #topUp(): Promise<void> {
    this.#made += 1
    const [id, userId] = [`${this.#name}-grant-${this.#made}`, this.#random.pick(POOR)]
    this.#say({ what: 'grant', id, userId, amount: POOR_TICKETS })
    await this.#queue.tickets.grant(userId, POOR_TICKETS, { id })
    this.#say({ what: 'granted', id })
  }
}

const { orders, say, queue, close } = await start()
const producer = new Producer(queue, say, seeded(orders.seed), orders)
process.once('SIGTERM', () => producer.stop())
say({ what: 'up' })
await producer.run()
await close()
process.exit(0)
