import { isGenqueueError } from '@genqueue/core'
import { NextResponse } from 'next/server'
import { generateImage } from '@/lib/generate'
import { guard } from '@/lib/guard'
import {
  canProcessGeneration,
  completeGeneration,
  failGeneration,
  queueGeneration,
  startProcessing,
} from '@/lib/queue-worker'
import { refuseStranger } from '@/lib/refusals'
import { identify } from '@/lib/session'

const guarded = guard(POST)

export { guarded as POST }

/**
 * The implementation guide's route, line for line (test/guide-route.test.ts compares them). Between its question and its
 * start somebody else may take the slot, the worker of instrumentation.ts too, and then the request waits in the queue;
 * app/api/generate-safe leaves no such gap.
 */
async function POST(request: Request) {
  const { prompt, model, userId, quality, aspectRatio, referenceImages } = await request.json()
  // The guide leaves it to the app: whoever asks is who is signed in.
  if (identify(request)?.userId !== userId) return refuseStranger()

  // Check if model can process now
  const canProcess = await canProcessGeneration(model)

  if (!canProcess) {
    // Add to queue
    const { queueId, position } = await queueGeneration({
      userId,
      modelId: model,
      modelType: 'image', // or 'video'
      prompt,
      parameters: { quality, aspectRatio, referenceImages },
      ticketCost: 1, // or however many tickets this costs
      priority: 0, // 0 = normal, higher = priority
    })

    return NextResponse.json({
      queued: true,
      queueId,
      position,
      message: `Generation queued at position ${position}`,
    })
  }

  // Process immediately...
  return processNow({ userId, model, prompt })
}

/** What the guide calls your existing logic: through the queue as well, so that the ticket is reserved and the slot kept. */
async function processNow({ userId, model, prompt }: { userId: string; model: string; prompt: string }) {
  const { queueId, position } = await queueGeneration({ userId, modelId: model, prompt, ticketCost: 1 })
  if (!(await started(queueId))) return NextResponse.json({ queued: true, queueId, position })

  try {
    // After successful generation
    const imageUrl = await generateImage(prompt)

    await completeGeneration(queueId, imageUrl)

    return NextResponse.json({ imageUrl })
  } catch (error) {
    await failGeneration(queueId, error.message)

    return NextResponse.json({ error: error.message }, { status: 500 })
  }
}

/** False when the slot, or this very generation, was somebody else's a moment before. */
async function started(queueId: number): Promise<boolean> {
  try {
    // When actually starting generation
    await startProcessing(queueId) // if coming from queue
    return true
  } catch (error) {
    if (isGenqueueError(error)) return false
    throw error
  }
}
