import type { Handler } from '@genqueue/core'
import { makePicture } from './provider'

/** What a worker does with a generation. */
export const generate: Handler = ({ queueId, modelId, modelType, prompt }, { progress, signal }) =>
  makePicture({ prompt, modelId, modelType, seed: queueId, signal, progress })

/** The guide's function of that name, for a route that generates by itself. */
export const generateImage = (prompt: string): Promise<string> =>
  makePicture({ prompt, modelId: 'nano-banana', modelType: 'image', seed: prompt.length, progress: () => {} })
