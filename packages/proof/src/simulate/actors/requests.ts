import type { GenerationRequest } from '@genqueue/core'
import { MODEL_IDS } from '../models.js'
import type { World } from '../world/world.js'

export const USERS = ['ada', 'bob', 'eve'] as const
/** One with plenty, one with enough, one who is refused now and then. */
export const FIRST_GRANTS: Readonly<Record<string, number>> = { ada: 400, bob: 60, eve: 5 }

const KEPT_MAX = 30

/** Requests that brought a key: to be repeated. */
export class KeyedRequests {
  readonly #kept: GenerationRequest[] = []
  #made = 0

  nextKey(): string {
    this.#made += 1
    return `key-${this.#made}`
  }

  keep(request: GenerationRequest): void {
    this.#kept.push(request)
    if (this.#kept.length > KEPT_MAX) this.#kept.shift()
  }

  any(world: World): GenerationRequest | undefined {
    return this.#kept.length === 0 ? undefined : world.random.pick(this.#kept)
  }
}

/** What a user might ask for; everything is drawn whether or not it is used. */
export function drawRequest(world: World, keys: KeyedRequests, userId?: string): GenerationRequest {
  const { random, setting } = world
  const user = random.pick(USERS)
  const [cost, priority, attempts] = [random.between(0, 4), random.between(-2, 2), random.pick([1, 2, 3, 5])]
  const [model, wait, keyed, ranked] = [random.pick(MODEL_IDS), random.next(), random.next(), random.next()]
  const request: GenerationRequest = {
    userId: userId ?? user,
    modelId: model,
    prompt: 'a lighthouse in the fog',
    ticketCost: world.on('costs') ? cost : 1,
    priority: world.on('priorities') && ranked < 0.4 ? priority : 0,
    maxAttempts: attempts,
    ...(wait < 0.15 && world.on('deadlines')
      ? { maxWaitMs: Math.ceil(wait * 20 * setting.leaseMs) + 1 }
      : {}),
    ...(keyed < 0.5 ? { idempotencyKey: keys.nextKey() } : {}),
  }
  if (request.idempotencyKey !== undefined) keys.keep(request)
  return request
}

export const inWords = ({ userId, modelId, ticketCost, idempotencyKey }: GenerationRequest): string =>
  `${modelId} for ${userId} at ${ticketCost}${idempotencyKey === undefined ? '' : `, key ${idempotencyKey}`}`
