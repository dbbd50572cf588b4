import { createQueue, DEFAULT_MODELS, type Storage } from '@genqueue/core'
import { ManualClock } from '@genqueue/core/testing'

const HOUR_MS = 3_600_000
const HOURS = 22
const PROMPTS = [
  'a lighthouse in the fog, long exposure, soft morning light',
  'portrait of an astronaut made of stained glass',
  'isometric cutaway of a tiny bakery at night, warm windows, rain on the street',
  'a red fox walking through fresh snow, macro, shallow depth of field',
  'slow aerial shot over terraced rice fields at sunrise',
]
const ERRORS = [
  'provider answered 429: too many requests',
  'content policy: the prompt was refused',
  'timed out after 120 s',
]

/** The same numbers every time. */
function numbers(seed: number): () => number {
  let state = seed
  return () => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648
    return state / 2_147_483_648
  }
}

/** A day of a small shop, told by its own clock: what pictures of the page are taken of. */
export async function playDay(storage: Storage): Promise<void> {
  const clock = new ManualClock(Math.floor(Date.now() / HOUR_MS) * HOUR_MS - HOURS * HOUR_MS)
  const queue = createQueue({ storage, clock, retry: { maxAttempts: 1 }, logger: { warn() {}, error() {} } })
  const next = numbers(7)
  const pick = <Item>(items: readonly Item[]) => items[Math.floor(next() * items.length)] as Item
  for (const userId of ['ada', 'bob', 'grace@studio.example'])
    await queue.tickets.grant(userId, 2_000, { id: 'package', memo: 'first package' })
  for (let hour = 0; hour < HOURS; hour++) {
    const busy = Math.round(3 + 9 * Math.sin((hour / HOURS) * Math.PI) ** 2 + 4 * next())
    for (let n = 0; n < busy; n++) {
      const { modelId } = pick(DEFAULT_MODELS)
      const { queueId } = await queue.enqueue({
        userId: pick(['ada', 'bob', 'grace@studio.example']),
        modelId,
        prompt: pick(PROMPTS),
        ticketCost: 1 + Math.floor(next() * 4),
      })
      clock.set(clock.now() + 2_000 + next() * 40_000)
      const lease = await queue.start(queueId)
      clock.set(clock.now() + 8_000 + next() * 90_000)
      const outcome = next()
      if (outcome < 0.82) await queue.complete(queueId, `https://img.example/${queueId}.png`, { lease })
      else if (outcome < 0.94) await queue.fail(queueId, pick(ERRORS), { lease, retry: false })
      else await queue.cancel(queueId, { reason: 'cancelled by its user' })
    }
    clock.set(clock.now() - (clock.now() % HOUR_MS) + HOUR_MS)
  }
}
