import { GenqueueError } from '@genqueue/core'
import { sameSecret } from '../auth.js'
import { json } from '../json.js'
import type { HttpSettings } from '../settings.js'
import { type Route, route } from './route.js'

/** Runs what may run now; for cron services, which bring a secret instead of a session. */
export const cronRoutes = ({ queuePath }: HttpSettings): Route[] =>
  ['GET', 'POST'].map((method) =>
    route(method, `${queuePath}/drain`, async (request, settings) => {
      const { cronSecret, handler, queue, drainMs } = settings
      const given = /^Bearer (.+)$/.exec(request.headers.get('authorization') ?? '')?.[1]
      if (cronSecret === null || handler === null || given === undefined) {
        throw new GenqueueError('UNAUTHENTICATED', 'the drain route takes its secret as a bearer token')
      }
      if (!(await sameSecret(given, cronSecret)))
        throw new GenqueueError('FORBIDDEN', 'this is not the secret')
      return json(await queue.drain(handler, { deadlineMs: drainMs }))
    }),
  )
