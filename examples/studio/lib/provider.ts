import { requestPicture } from './ai-provider'
import { drawPicture } from './demo-provider'

export interface PictureJob {
  readonly prompt: string
  readonly modelId: string
  /** `image` or `video`; the picture of a video is its poster. */
  readonly modelType: string
  /** The same prompt, model and seed give the same picture. */
  readonly seed: number
  readonly signal?: AbortSignal
  /** 0 to 1. */
  progress(done: number): void
}

/** Answers the address of the picture: from a real provider when there is a key for one, else by our own hand. */
export const makePicture = (job: PictureJob): Promise<string> =>
  process.env.AI_GATEWAY_API_KEY && job.modelType === 'image' ? requestPicture(job) : drawPicture(job)
