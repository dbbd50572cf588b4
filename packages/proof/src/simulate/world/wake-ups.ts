import type { Random } from '../../chaos/random.js'
import type { Books } from '../observer/books.js'
import { isTogether, type Method } from '../observer/observer.js'
import type { Instance } from './instance.js'
import type { Scheduler } from './scheduler.js'

type Wake = (modelIds: readonly string[]) => void

const LOST = 0.2
const LATE_MS = 40

/** What a storage tells its listeners when something may start: late, in any order, and not always. */
export class WakeUps {
  readonly #scheduler: Scheduler
  readonly #random: Random
  readonly #listeners = new Map<Instance, Set<Wake>>()

  constructor(scheduler: Scheduler, random: Random) {
    this.#scheduler = scheduler
    this.#random = random
  }

  async listen(from: Instance, wake: Wake): Promise<() => Promise<void>> {
    const wakes = this.#listeners.get(from) ?? new Set()
    this.#listeners.set(from, wakes.add(wake))
    return async () => {
      wakes.delete(wake)
    }
  }

  tell(method: Method, command: unknown, books: Books): void {
    const models = modelsOf(method, command, books)
    if (models.length === 0) return
    for (const [instance, wakes] of this.#listeners) {
      if (!instance.alive) {
        this.#listeners.delete(instance)
        continue
      }
      const [chance, share] = [this.#random.next(), this.#random.next()]
      if (chance < LOST) continue
      this.#scheduler.after(
        share * LATE_MS,
        () => {
          for (const wake of wakes) wake(models)
        },
        instance,
      )
    }
  }
}

function modelsOf(method: Method, command: unknown, books: Books): string[] {
  if (!['admit', 'apply', 'applyAndClaim', 'limit'].includes(method)) return []
  const { items } = (isTogether(command) ? command.apply : command) as {
    items: readonly { modelId?: string; queueId?: number }[]
  }
  const models = items.map(
    ({ modelId, queueId }) => modelId ?? books.generations.get(queueId ?? 0)?.modelId ?? '',
  )
  return [...new Set(models)].filter((modelId) => modelId !== '')
}
