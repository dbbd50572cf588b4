/** A model and how many of its generations may run at once. */
export interface ModelDefault {
  readonly modelId: string
  readonly modelType: string
  readonly maxConcurrent: number
}

const model = (modelType: string, modelId: string, maxConcurrent: number): ModelDefault =>
  Object.freeze({ modelId, modelType, maxConcurrent })

/** The limits that a queue creates on first use unless told others; an operator's later edits are never overwritten. */
export const DEFAULT_MODELS: readonly ModelDefault[] = Object.freeze([
  model('image', 'nano-banana', 5),
  model('image', 'nano-banana-pro', 5),
  model('image', 'seedream-4.5', 3),
  model('image', 'flux-2-pro', 2),
  model('image', 'gemini-3-pro-image', 5),
  model('image', 'flash-scanner-v2.5', 10),
  model('video', 'minimax-video-01', 2),
  model('video', 'haiper-2.0', 2),
  model('video', 'kling-1.6', 2),
])
