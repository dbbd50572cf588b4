import type { Deed } from './stage.js'

const FREEZE_LEASES = 2.5
const OUTAGE_LEASES = 1.5
const CLOSE_MS = 500

/** What happens to processes and to the storage apart from single calls: done at every deed, each with its own odds. */
export const weather: Deed = ({ world, me }) => {
  const { random, setting, scheduler, wire, observer } = world
  const { deaths, freezes, outages } = setting.odds
  const [dies, stops, away, share] = [random.next(), random.next(), random.next(), random.next()]
  if (dies < deaths) {
    observer.count('deaths between calls')
    world.kill(me, 'dies')
  } else if (stops < freezes) {
    const ms = Math.ceil(share * FREEZE_LEASES * setting.leaseMs)
    observer.count('freezes')
    world.note(me.name, `stands still for ${ms} ms`)
    me.frozenUntil = scheduler.now + ms
  } else if (away < outages) {
    const ms = Math.ceil(share * OUTAGE_LEASES * setting.leaseMs)
    observer.count('outages')
    world.note('storage', `is away for ${ms} ms`)
    wire.outageUntil = scheduler.now + ms
  }
}

/** In good order: what runs gets a little time, and goes back to the queue. */
export const close: Deed = ({ world, me }) => {
  const gentle = world.random.next() < 0.5
  me.closing = true
  const finish = async () => {
    if (gentle) await Promise.all(me.workers.map((worker) => worker.close({ timeoutMs: CLOSE_MS })))
    await me.queue.close()
  }
  const over = () => world.kill(me, 'has closed')
  world.ask(me, 'close', finish, { done: over, failed: over })
}
