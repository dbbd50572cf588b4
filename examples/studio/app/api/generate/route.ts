import { isGenqueueError } from '@genqueue/core'
import { NextResponse } from 'next/server'
import { generateImage } from '@/lib/generate'
import {
  canProcessGeneration,
  completeGeneration,
  failGeneration,
  queueGeneration,
  startProcessing,
} from '@/lib/queue-worker'
import { refusalOf, refuseForeign, refuseStranger } from '@/lib/refusals'
import { sameOrigin } from '@/lib/same-origin'
import { identify } from '@/lib/session'

/**
 * The implementation guide's route, steps 1 to 3. Between its question and its start somebody else may take the slot (the
 * worker of instrumentation.ts, too), and then the request waits in the queue; app/api/generate-safe leaves no gap.
 */
export async function POST(request: Request) {
  if (!sameOrigin(request)) return refuseForeign()
  const { prompt, model, userId, quality, aspectRatio, referenceImages } = await request
    .json()
    .catch(() => ({}))
  // The guide leaves it to the app: whoever asks is who is signed in.
  if (identify(request)?.userId !== userId) return refuseStranger()

  try {
    // Check if model can process now
    const canProcess = await canProcessGeneration(model)

    // Add to queue; what starts at once goes through it as well, so that its ticket is reserved
    const { queueId, position } = await queueGeneration({
      userId,
      modelId: model,
      modelType: 'image', // or 'video'
      prompt,
      parameters: { quality, aspectRatio, referenceImages },
      ticketCost: 1, // or however many tickets this costs
      priority: 0, // 0 = normal, higher = priority
    })

    if (!canProcess || !(await started(queueId))) {
      return NextResponse.json({
        queued: true,
        queueId,
        position,
        message: `Generation queued at position ${position}`,
      })
    }
    return await processNow(queueId, prompt, model)
  } catch (error) {
    return refusalOf(error)
  }
}

/** Process immediately */
async function processNow(queueId: number, prompt: string, model: string) {
  try {
    // After successful generation
    const imageUrl = await generateImage(prompt, model)
    await completeGeneration(queueId, imageUrl)
    return NextResponse.json({ imageUrl, queueId })
  } catch (error) {
    const { message } = error as Error
    await failGeneration(queueId, message)
    return NextResponse.json({ error: message }, { status: 500 })
  }
}

/** Mark as processing when starting; false when the slot, or this very generation, was somebody else's a moment before. */
async function started(queueId: number): Promise<boolean> {
  try {
    await startProcessing(queueId)
    return true
  } catch (error) {
    if (isGenqueueError(error)) return false
    throw error
  }
}
