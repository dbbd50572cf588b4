import { MODEL_IDS } from '../models.js'
import type { Instance } from '../world/instance.js'
import type { World } from '../world/world.js'
import { handlerOf } from './handlers.js'

/** Most processes work, some for a few models only; the first always works for all, or nothing might ever end. */
export function employ(world: World, instance: Instance): void {
  const { random, setting } = world
  const [works, narrow, own] = [random.next(), random.next(), random.next()]
  const models = random.shuffled(MODEL_IDS).slice(0, 2)
  const always = instance.place === 0 || world.wire.calm
  if (!always && works < 0.3) return
  const { concurrency, pollMs, leaseMs } = setting
  const worker = instance.queue.worker(handlerOf(world, instance), {
    concurrency,
    pollMs,
    ...(!always && narrow < 0.3 ? { models } : {}),
    ...(own < 0.3 ? { leaseMs: leaseMs * 2 } : {}),
  })
  instance.workers.push(worker.start())
}
