import { savePicture } from './pictures'
import type { PictureJob } from './provider'

/** The guide's models that the Vercel AI Gateway offers as image models, by their names there. */
const GATEWAY_MODELS: Readonly<Record<string, string>> = {
  'flux-2-pro': 'bfl/flux-2-pro',
  'seedream-4.5': 'bytedance/seedream-4.5',
}
/** What draws for all others. */
const OTHERWISE = 'bfl/flux-2-pro'

/** What is used of the package `ai`, version 6 or newer. */
interface AiSdk {
  generateImage(request: { model: string; prompt: string; abortSignal: AbortSignal | undefined }): Promise<{
    image: { uint8Array: Uint8Array; mediaType: string }
  }>
}

/** A picture from a real provider, through the AI SDK and AI_GATEWAY_API_KEY. Costs money. */
export async function requestPicture({ prompt, modelId, signal }: PictureJob): Promise<string> {
  const { generateImage } = await loadSdk()
  const model = GATEWAY_MODELS[modelId] ?? process.env.STUDIO_IMAGE_MODEL ?? OTHERWISE
  const { image } = await generateImage({ model, prompt, abortSignal: signal })
  return savePicture(image.uint8Array, image.mediaType)
}

/** Not a dependency of the studio: the bundler must not look for it. */
async function loadSdk(): Promise<AiSdk> {
  const name = 'ai'
  try {
    return (await import(/* turbopackIgnore: true */ /* webpackIgnore: true */ name)) as AiSdk
  } catch (cause) {
    const message =
      'AI_GATEWAY_API_KEY is set, but the package "ai" is missing: run npm install ai in examples/studio'
    throw Object.assign(new Error(message, { cause }), { retryable: false })
  }
}
