import { setTimeout as pause } from 'node:timers/promises'
import { processWide } from '@genqueue/next'
import { renderPicture } from '../generated/render/index.js'
import { savePicture } from './pictures'
import type { PictureJob } from './provider'

/** A made-up provider's pace: this many steps of this long, video models three times as many. */
const STEPS = 8
const STEP_MS = Number(process.env.STUDIO_STEP_MS ?? 500)
/** A prompt with this in it fails the first time, so that there is something to retry. */
const FAILS_ONCE = '[fail]'
const PICTURE_SIZE = 384

/** What was refused once, and is drawn when it is asked for again. */
const refused = () => processWide('studio.refused', () => new Set<string>())

/** Draws by rules, not by an AI model, and takes its time about it. */
export async function drawPicture({ prompt, modelId, modelType, seed, signal, progress }: PictureJob) {
  const steps = modelType === 'video' ? STEPS * 3 : STEPS
  for (let step = 1; step <= steps; step++) {
    await pause(STEP_MS, undefined, { signal })
    progress(step / steps)
  }
  if (prompt.includes(FAILS_ONCE) && !refused().has(prompt)) {
    refused().add(prompt)
    throw Object.assign(new Error('the provider refused this prompt'), { retryable: false })
  }
  return savePicture(renderPicture({ prompt, seed, modelId, size: PICTURE_SIZE }), 'image/png')
}
