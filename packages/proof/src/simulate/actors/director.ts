import { DEEDS, type DeedName } from '../features.js'
import type { World } from '../world/world.js'
import { again, batch, enqueue, run, spend, submit } from './asking.js'
import { claim, drain, start, webhook } from './by-hand.js'
import { cancel, clear, limits, pauses, race, reads, retry, tickets, verify } from './operator.js'
import { FIRST_GRANTS, KeyedRequests, USERS } from './requests.js'
import type { Deed } from './stage.js'
import { close, weather } from './weather.js'

/** Who does what, and how often against the others. */
const CAST: Readonly<Record<DeedName, readonly [weight: number, deed: Deed]>> = {
  enqueue: [24, enqueue],
  submit: [12, submit],
  run: [4, run],
  batch: [4, batch],
  spend: [2, spend],
  again: [6, again],
  claim: [5, claim],
  start: [4, start],
  drain: [1.5, drain],
  webhook: [4, webhook],
  race: [8, race],
  cancel: [6, cancel],
  retry: [5, retry],
  clear: [1, clear],
  limits: [4, limits],
  pauses: [1.5, pauses],
  tickets: [4, tickets],
  reads: [5, reads],
  verify: [1, verify],
  close: [0.7, close],
}
const NAMES = Object.keys(DEEDS) as DeedName[]
const WEIGHTS = NAMES.reduce((sum, name) => sum + CAST[name][0], 0)

/** Lets people do things, one after the other, until the wire is calm. */
export function direct(world: World): void {
  const keys = new KeyedRequests()
  const { random, scheduler, setting } = world
  const deed = () => {
    if (world.wire.calm) return
    scheduler.after(random.next() * 2 * setting.paceMs, deed)
    const name = drawDeed(random.next())
    const me = world.anyInstance()
    if (me === undefined) return
    const stage = { world, keys, me }
    weather(stage)
    if (world.on(name) && me.alive && me.frozenUntil <= scheduler.now) CAST[name][1](stage)
  }
  scheduler.after(0, () => {
    const me = world.anyInstance()
    if (me === undefined) return
    for (const userId of USERS) {
      const amount = FIRST_GRANTS[userId] as number
      const id = { id: 'first' }
      world.ask(me, `grant ${amount} to ${userId}`, (queue) => queue.tickets.grant(userId, amount, id))
    }
  })
  scheduler.after(1, deed)
}

function drawDeed(share: number): DeedName {
  let left = share * WEIGHTS
  for (const name of NAMES) {
    left -= CAST[name][0]
    if (left < 0) return name
  }
  return 'enqueue'
}
