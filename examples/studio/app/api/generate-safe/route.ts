import type { GenerationRequest } from '@genqueue/core'
import { after, NextResponse } from 'next/server'
import { generate } from '@/lib/generate'
import { guard } from '@/lib/guard'
import { generateOrQueue } from '@/lib/queue-worker'
import { refuseStranger } from '@/lib/refusals'
import { identify } from '@/lib/session'
import { startWorker } from '@/lib/worker'

/**
 * The safe form of app/api/generate: asking, reserving the ticket and taking the slot are one step, so nobody comes in
 * between. What is queued, the worker of instrumentation.ts starts when its turn has come.
 */
export const POST = guard(async (request) => {
  const person = identify(request)
  if (person === null) return refuseStranger()
  startWorker()
  const { prompt, model, idempotencyKey } = (await request.json()) as Body
  return NextResponse.json(
    await begin({ userId: person.userId, modelId: model, prompt, ticketCost: 1, idempotencyKey }),
  )
})

/** As it claims to be; the queue checks every part. */
interface Body {
  readonly prompt: string
  readonly model: string
  readonly idempotencyKey?: string
}

/** Answers as soon as it is known whether it runs here or waits; what runs here goes on after the response. */
function begin(request: GenerationRequest): Promise<{ queued: boolean; queueId: number; position?: number }> {
  return new Promise((resolve, reject) => {
    const outcome = generateOrQueue(request, (generation, context) => {
      resolve({ queued: false, queueId: generation.queueId })
      return generate(generation, context)
    })
    outcome.then(({ queueId, status, ...rest }) => {
      const position = 'position' in rest ? (rest.position ?? undefined) : undefined
      resolve({ queued: status === 'queued', queueId, position })
    }, reject)
    after(() => outcome.catch(() => {}))
  })
}
