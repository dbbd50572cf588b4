import { type GenerationStatus, GenqueueError, isGenqueueError } from '@genqueue/core'
import { z } from 'zod'
import { checkOrigin, identifyCaller, isAdmin } from '../auth.js'
import { readBody, readQuery } from '../body.js'
import { json, presentGeneration, presentTimes, tagged } from '../json.js'
import type { HttpSettings } from '../settings.js'
import { type Route, route } from './route.js'

/** When a caller should look again, in seconds: sooner when it runs than when it has long to wait. */
const LOOK_AGAIN_S = { running: 2, waitingMin: 2, waitingMax: 15, delayed: 5 }
/** Looks while one waits, as its estimate goes: positions should be seen to count down. */
const LOOKS_WHILE_WAITING = 10

const mineSchema = z.strictObject({
  cursor: z.coerce.number().int().min(0).optional(),
  limit: z.coerce.number().int().min(1).max(100).default(20),
})
const cancelSchema = z.strictObject({ reason: z.string().max(500).optional() })

/** What a signed-in user may do: with own generations only; those of others are not there. */
export const userRoutes = ({ queuePath }: HttpSettings): Route[] => [
  route('GET', `${queuePath}/status/:id`, async (request, settings, { id }) => {
    const { userId: _user, ...status } = await ownStatus(request, settings, id)
    const again = lookAgainS(status)
    return tagged(request, presentTimes(status), again === null ? {} : { 'retry-after': String(again) })
  }),
  route('POST', `${queuePath}/cancel/:id`, async (request, settings, { id }) => {
    checkOrigin(request)
    const { queueId } = await ownStatus(request, settings, id)
    const { reason } = await readBody(request, cancelSchema)
    return json(
      presentGeneration(await settings.queue.cancel(queueId, { reason: reason ?? 'cancelled by its user' })),
    )
  }),
  route('GET', `${queuePath}/mine`, async (request, settings) => {
    const { userId } = await identifyCaller(request, settings)
    const { cursor, limit } = readQuery(new URL(request.url), mineSchema)
    const page = await settings.queue.list({ userId, cursor, limit })
    return json({ generations: page.generations.map(presentGeneration), cursor: page.cursor })
  }),
]

/** Read once: a status is what users ask for most. What is another's and what is not there look the same. */
async function ownStatus(
  request: Request,
  settings: HttpSettings,
  id: string | undefined,
): Promise<GenerationStatus> {
  const caller = await identifyCaller(request, settings)
  const queueId = readId(id)
  const status = await settings.queue.status(queueId).catch((error: unknown) => {
    if (isGenqueueError(error) && error.code === 'GENERATION_NOT_FOUND') return null
    throw error
  })
  if (status === null || (status.userId !== caller.userId && !isAdmin(caller, settings))) {
    throw new GenqueueError('GENERATION_NOT_FOUND', `there is no generation ${queueId}`)
  }
  return status
}

export function readId(id: string | undefined): number {
  const queueId = Number(id)
  if (id === undefined || !/^\d{1,16}$/.test(id) || !Number.isSafeInteger(queueId) || queueId < 1) {
    throw new GenqueueError('VALIDATION', 'the id of a generation is a whole number of 1 or more')
  }
  return queueId
}

/** null: there is nothing more to come. */
function lookAgainS({ status, estimatedWait, completedAt }: Omit<GenerationStatus, 'userId'>): number | null {
  if (completedAt !== null) return null
  if (status === 'processing') return LOOK_AGAIN_S.running
  // Its next attempt is put off.
  if (estimatedWait === null) return LOOK_AGAIN_S.delayed
  const againS = Math.ceil(estimatedWait / LOOKS_WHILE_WAITING)
  return Math.min(LOOK_AGAIN_S.waitingMax, Math.max(LOOK_AGAIN_S.waitingMin, againS))
}
