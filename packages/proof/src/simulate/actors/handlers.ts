import type { Handler } from '@genqueue/core'
import { MADE } from '../observer/judge-apply.js'
import { demand } from '../observer/violation.js'
import type { Instance } from '../world/instance.js'
import type { World } from '../world/world.js'

interface Job {
  readonly runMs: number
  readonly fate: 'made' | 'fails' | 'refused' | 'rate limited'
  readonly used: number | null
  /** It looks at its signal. */
  readonly listens: boolean
}

const LONG_LEASES = 2.5

function drawJob(world: World, cost: number): Job {
  const { random, setting } = world
  const [length, share, fate, used, listens] = [
    random.next(),
    random.next(),
    random.next(),
    random.next(),
    random.next(),
  ]
  const long = length < 0.15 && world.on('long-runs') ? LONG_LEASES * setting.leaseMs : 0
  const fails = world.on('failures') && !world.wire.calm
  return {
    runMs: length > 0.9 ? 0 : share * Math.max(long, 800),
    fate: !fails || fate > 0.3 ? 'made' : fate < 0.15 ? 'fails' : fate < 0.25 ? 'refused' : 'rate limited',
    used: world.on('partial-use') && used < 0.3 ? Math.floor((used / 0.3) * (cost + 1)) : null,
    listens: listens < 0.7,
  }
}

/** Makes a generation: takes its time, fails now and then, and signs its work with the lease that it was made under. */
export const handlerOf =
  (world: World, instance: Instance): Handler =>
  async (generation, context) => {
    const { queueId, modelId, ticketCost } = generation
    const { lease, signal, progress } = context
    const job = drawJob(world, ticketCost)
    world.observer.count('handler begins')
    world.guard(() => {
      const granted = world.observer.books.wasGranted(queueId, lease.token)
      demand(
        granted,
        1,
        { queueId, modelId },
        () => `a handler began under lease ${lease.token}, never granted`,
      )
    })
    world.note(instance.name, `begins to make #${queueId} under ${lease.token}`)
    await passed(world, instance, job.runMs / 2, job.listens ? signal : undefined)
    if (!signal.aborted) progress(0.5)
    await passed(world, instance, job.runMs / 2, job.listens ? signal : undefined)
    world.note(
      instance.name,
      `${signal.aborted ? 'was told to stop' : job.fate}: #${queueId} under ${lease.token}`,
    )
    if (job.listens && signal.aborted) throw signal.reason
    if (job.fate === 'made') return { resultUrl: MADE + lease.token, ticketsUsed: job.used ?? undefined }
    const hints = job.fate === 'refused' ? { retryable: false } : { retryAfterMs: 300 }
    throw Object.assign(new Error(job.fate), job.fate === 'fails' ? {} : hints)
  }

function passed(
  world: World,
  instance: Instance,
  ms: number,
  signal: AbortSignal | undefined,
): Promise<void> {
  return new Promise((resolve) => {
    const cancel = world.scheduler.after(ms, resolve, instance)
    signal?.addEventListener(
      'abort',
      () => {
        cancel()
        resolve()
      },
      { once: true },
    )
  })
}
