import { type EnqueueResult, type GenerationRequest, GenqueueError, type Queue } from '@genqueue/core'
import type { Say } from '../log.js'
import { type Random, seeded } from '../random.js'
import { pause } from '../time.js'
import { costOf, MODEL_IDS, MODELS, POOR, POOR_TICKETS, RICH } from '../workload.js'
import { start } from './start.js'

/**
 * Keeps some generations of every model waiting, repeats requests whose answers were lost and now and then one that was
 * answered, cancels some, and tops up users who run dry. Tells the log before and after everything it asks for.
 */
/** So many that no slot is idle for want of work, and so few that the end is soon reached. */
const waitingFor = (modelId: string) => 4 + 2 * (MODELS[modelId] ?? 0)
const BATCH_MAX = 8
const LOOK_MS = 150
const REPEAT_SHARE = 0.05
const CANCEL_SHARE = 0.04
const TOP_UP_SHARE = 0.05
const POOR_SHARE = 0.15
/** Requests whose answer is still unknown; the oldest is given up when there are more. */
const UNSURE_MAX = 200

const codeOf = (error: unknown): string => (error instanceof GenqueueError ? error.code : 'UNKNOWN')

class Producer {
  readonly #queue: Queue
  readonly #say: Say
  readonly #random: Random
  readonly #name: string
  #made = 0
  #unsure: GenerationRequest[] = []
  #stopping = false

  constructor(queue: Queue, say: Say, random: Random, name: string) {
    this.#queue = queue
    this.#say = say
    this.#random = random
    this.#name = name
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
  }

  async #round(): Promise<void> {
    const again = this.#unsure
    this.#unsure = []
    if (again.length > 0) await this.#send(again)
    const { models } = await this.#queue.stats()
    for (const modelId of MODEL_IDS) {
      const waiting = models.find((model) => model.modelId === modelId)?.waiting ?? 0
      const missing = Math.min(BATCH_MAX, waitingFor(modelId) - waiting)
      if (missing > 0) await this.#send(Array.from({ length: missing }, () => this.#request(modelId)))
    }
    if (this.#random.next() < TOP_UP_SHARE) await this.#topUp()
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
    for (const { idempotencyKey: key = '', userId, modelId, ticketCost: cost = 0 } of requests) {
      this.#say({ what: 'want', key, userId, modelId, cost })
    }
    const results = await this.#queue.enqueueMany(requests)
    for (const [index, result] of results.entries()) {
      await this.#answered(requests[index] as GenerationRequest, result)
    }
  }

  async #answered(request: GenerationRequest, result: EnqueueResult): Promise<void> {
    const key = request.idempotencyKey as string
    if (!result.ok) {
      this.#say({ what: 'denied', key, code: result.error.code })
      if (result.error.code === 'STORAGE_UNAVAILABLE')
        this.#unsure = [...this.#unsure, request].slice(-UNSURE_MAX)
      return
    }
    this.#say({ what: 'got', key, queueId: result.queueId })
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
const producer = new Producer(queue, say, seeded(orders.seed), orders.who)
process.once('SIGTERM', () => producer.stop())
say({ what: 'up' })
await producer.run()
await close()
process.exit(0)
