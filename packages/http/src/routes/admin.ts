import { type Generation, type Queue, STATUSES, type Status } from '@genqueue/core'
import { z } from 'zod'
import { checkOrigin, requireAdmin } from '../auth.js'
import { readBody, readQuery } from '../body.js'
import { json, presentEntry, presentGeneration, presentHealth, presentLimit, presentStats } from '../json.js'
import type { HttpSettings } from '../settings.js'
import { type Route, route } from './route.js'
import { readId } from './user.js'

const id = z.string().min(1).max(191)
/** The page has the same bounds, from the same setting. */
const limitSchema = (limitMax: number) => {
  const rule = `must be a whole number from 1 to ${limitMax}`
  return z.strictObject({
    modelId: id,
    maxConcurrent: z.int(rule).min(1, `${rule}; pause the model to stop it`).max(limitMax, rule).optional(),
    modelType: id.optional(),
    paused: z.boolean().optional(),
  })
}
const itemsSchema = z.strictObject({
  status: z
    .string()
    .transform((text) => text.split(','))
    .pipe(z.array(z.enum(STATUSES as [Status, ...Status[]])))
    .optional(),
  modelId: id.optional(),
  userId: id.optional(),
  text: z.string().max(200).optional(),
  cursor: z.coerce.number().int().min(0).optional(),
  limit: z.coerce.number().int().min(1).max(200).default(50),
})
const reasonSchema = z.strictObject({ reason: z.string().max(500).optional() })
const clearSchema = z.strictObject({ olderThanMs: z.number().optional() })
const pageSchema = z.strictObject({
  cursor: z.coerce.number().int().min(0).optional(),
  limit: z.coerce.number().int().min(1).max(200).default(50),
})
const postSchema = z.strictObject({ amount: z.number(), id: id.optional(), memo: id.optional() })
const repairSchema = z.strictObject({ dryRun: z.boolean().default(true) })

/** Only admins pass, and writes only from our own pages. */
const admin = (
  method: string,
  path: string,
  answer: (
    request: Request,
    settings: HttpSettings,
    parameters: Readonly<Record<string, string>>,
  ) => Promise<unknown>,
): Route =>
  route(method, path, async (request, settings, parameters) => {
    checkOrigin(request)
    await requireAdmin(request, settings)
    return json(await answer(request, settings, parameters))
  })

export const adminRoutes = ({ adminPath, limitMax }: HttpSettings): Route[] => [
  ...limitRoutes(adminPath, limitSchema(limitMax)),
  ...itemRoutes(adminPath),
  ...ticketRoutes(adminPath),
  admin('GET', `${adminPath}/stats`, async (_request, { queue }) => presentStats(await queue.stats())),
  admin('POST', `${adminPath}/clear-completed`, async (request, { queue }) => {
    const { olderThanMs } = await readBody(request, clearSchema)
    return queue.clear({ olderThanMs })
  }),
  admin('GET', `${adminPath}/health`, async (_request, { queue }) => presentHealth(await queue.verify())),
  admin('POST', `${adminPath}/health`, async (request, { queue }) =>
    queue.repair(await readBody(request, repairSchema)),
  ),
]

const limitRoutes = (path: string, schema: ReturnType<typeof limitSchema>): Route[] => [
  // The guide: the first look creates the defaults that are missing.
  admin('GET', `${path}/limits`, async (_request, { queue }) => ({
    limits: (await queue.limits.initialize()).map(presentLimit),
  })),
  admin('PUT', `${path}/limits`, async (request, { queue }) => {
    const { modelId, ...patch } = await readBody(request, schema)
    return presentLimit(await queue.limits.set(modelId, patch))
  }),
  ...['GET', 'POST'].map((method) =>
    admin(method, `${path}/initialize`, async (_request, { queue }) => ({
      limits: (await queue.limits.initialize()).map(presentLimit),
    })),
  ),
]

const itemRoutes = (path: string): Route[] => [
  admin('GET', `${path}/items`, async (request, { queue }) => {
    const page = await queue.list(readQuery(new URL(request.url), itemsSchema))
    return { items: await withPositions(queue, page.generations), cursor: page.cursor }
  }),
  admin('GET', `${path}/items/:id`, async (_request, { queue }, parameters) => {
    const queueId = readId(parameters.id)
    const status = await queue.status(queueId)
    const generation = await queue.get(queueId)
    const { entries } = await queue.tickets.history(status.userId, { queueId, limit: 200 })
    const { position, estimatedWait } = status
    return {
      item: generation === null ? null : presentGeneration(generation),
      position,
      estimatedWait,
      ledger: entries.map(presentEntry),
    }
  }),
  admin('POST', `${path}/items/:id/cancel`, async (request, { queue }, parameters) => {
    const { reason } = await readBody(request, reasonSchema)
    return presentGeneration(
      await queue.cancel(readId(parameters.id), { reason: reason ?? 'cancelled by an admin' }),
    )
  }),
  admin('POST', `${path}/items/:id/retry`, async (_request, { queue }, parameters) =>
    presentGeneration(await queue.retry(readId(parameters.id))),
  ),
]

/** One read for the whole page; what does not wait is not asked for. */
async function withPositions(queue: Queue, generations: readonly Generation[]) {
  const waiting = generations.filter(({ status }) => status === 'queued').map(({ queueId }) => queueId)
  const positions = waiting.length === 0 ? [] : await queue.positions(waiting)
  const byId = new Map(waiting.map((queueId, index) => [queueId, positions[index] ?? null]))
  return generations.map((generation) => ({
    ...presentGeneration(generation),
    position: byId.get(generation.queueId) ?? null,
  }))
}

const ticketRoutes = (path: string): Route[] => [
  admin('GET', `${path}/tickets/:userId`, async (request, { queue }, { userId = '' }) => {
    const page = readQuery(new URL(request.url), pageSchema)
    const [account, history] = await Promise.all([
      queue.tickets.account(userId),
      queue.tickets.history(userId, page),
    ])
    return { account, entries: history.entries.map(presentEntry), cursor: history.cursor }
  }),
  admin('POST', `${path}/tickets/:userId`, async (request, { queue }, { userId = '' }) => {
    const { amount, ...options } = await readBody(request, postSchema)
    const { grant, revoke } = queue.tickets
    return { account: await (amount < 0 ? revoke(userId, -amount, options) : grant(userId, amount, options)) }
  }),
]
