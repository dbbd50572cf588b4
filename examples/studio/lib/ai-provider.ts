import { savePicture } from './pictures'
import type { PictureJob } from './provider'

/** The guide's models that the Vercel AI Gateway offers as image models, by their names there. */
const GATEWAY_MODELS: Readonly<Record<string, string>> = {
  'flux-2-pro': 'bfl/flux-2-pro',
  'seedream-4.5': 'bytedance/seedream-4.5',
}
/** What draws for all others. */
const OTHERWISE = 'bfl/flux-2-pro'

/** A picture from a real provider, through the AI SDK and AI_GATEWAY_API_KEY. Costs money. */
export async function requestPicture({ prompt, modelId, signal }: PictureJob): Promise<string> {
  // Only when there is a key: without one nothing of it has to be loaded.
  const { generateImage } = await import('ai')
  const model = GATEWAY_MODELS[modelId] ?? (process.env.STUDIO_IMAGE_MODEL || OTHERWISE)
  try {
    // Trying again is the queue's business: it keeps the ticket and the place.
    const { image } = await generateImage({
      model,
      prompt,
      maxRetries: 0,
      ...(signal && { abortSignal: signal }),
    })
    return await savePicture(image.uint8Array, image.mediaType)
  } catch (error) {
    throw Object.assign(error as Error, { retryable: isWorthRetrying(error) })
  }
}

/** The SDK's errors say whether another attempt may go better. */
const isWorthRetrying = (error: unknown) => (error as { isRetryable?: boolean }).isRetryable !== false
