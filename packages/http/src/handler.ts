import type { Queue } from '@genqueue/core'
import { errorResponse, json } from './json.js'
import { adminRoutes } from './routes/admin.js'
import { cronRoutes } from './routes/cron.js'
import { pageRoutes } from './routes/page.js'
import { matchParts, type Route } from './routes/route.js'
import { userRoutes } from './routes/user.js'
import { type QueueHandlerOptions, readSettings } from './settings.js'

/** Answers every request under its paths; never throws. */
export type QueueHandler = (request: Request) => Promise<Response>

/** All routes of a queue as one function of web-standard requests. Throws VALIDATION for unusable options. */
export function createQueueHandler(queue: Queue, options: QueueHandlerOptions): QueueHandler {
  const settings = readSettings(queue, options)
  const routes: readonly Route[] = [
    ...userRoutes(settings),
    ...cronRoutes(settings),
    ...adminRoutes(settings),
    ...pageRoutes(settings),
  ]

  return async (request) => {
    const path = new URL(request.url).pathname.replace(/\/$/, '').split('/')
    const fitting = routes.flatMap((route) => {
      const parameters = matchParts(route.parts, path)
      return parameters === null ? [] : [{ route, parameters }]
    })
    const method = request.method === 'HEAD' ? 'GET' : request.method
    const found = fitting.find(({ route }) => route.method === method)
    if (found === undefined) return noRoute(fitting.map(({ route }) => route.method))
    try {
      return await found.route.answer(request, settings, found.parameters)
    } catch (error) {
      return errorResponse(error)
    }
  }
}

function noRoute(methods: readonly string[]): Response {
  if (methods.length === 0)
    return json({ error: { code: 'NOT_FOUND', message: 'there is nothing here' } }, 404)
  const allow = [...new Set(methods)].join(', ')
  return json({ error: { code: 'METHOD_NOT_ALLOWED', message: `use ${allow}` } }, 405, { allow })
}
