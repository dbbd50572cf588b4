import { Canvas, mix } from './canvas.js'
import { choosePalette } from './palette.js'
import { encodePng } from './png.js'
import { createRandom, hashText, pick, type Random } from './random.js'
import { SCENES } from './scenes.js'

export interface PictureRequest {
  readonly prompt: string
  readonly seed: number
  readonly modelId: string
  /** Pixels each way; default 208. */
  readonly size?: number
}

/**
 * Draws a PNG from a prompt. No AI model: rules that look for words, and noise. The same prompt, seed and model
 * always give the same bytes.
 */
export function renderPicture({ prompt, seed, modelId, size = 208 }: PictureRequest): Uint8Array {
  const words = new Set(prompt.toLowerCase().match(/[a-z]+/g) ?? [])
  const random = createRandom(hashText(`${prompt}\n${seed}`))
  const palette = choosePalette(words, random)
  const fitting = SCENES.filter(([keys]) => keys.split(' ').some((key) => words.has(key)))
  const [, scene] = pick(random, fitting.length > 0 ? fitting : SCENES)
  const canvas = new Canvas(size, size)
  scene(canvas, palette, random)
  finish(canvas, createRandom(hashText(modelId)))
  return encodePng(size, size, canvas.bytes())
}

/** Each model has a hand of its own: grain, warmth, contrast and how dark its corners are. */
function finish(canvas: Canvas, hand: Random): void {
  const [grain, warmth, contrast, corners] = [hand() * 14, hand() * 18 - 9, 0.92 + hand() * 0.3, hand() * 0.7]
  const speckle = createRandom(7)
  const { width, height, pixels } = canvas
  for (let py = 0; py < height; py++) {
    for (let px = 0; px < width; px++) {
      const distance = Math.hypot(px / width - 0.5, py / height - 0.5)
      const shade = 1 - corners * Math.max(0, distance - 0.3)
      const noise = (speckle() - 0.5) * grain
      const at = (py * width + px) * 3
      const [red, green, blue] = mix(
        [pixels[at] ?? 0, pixels[at + 1] ?? 0, pixels[at + 2] ?? 0],
        [0, 0, 0],
        1 - shade,
      )
      pixels[at] = (red - 128) * contrast + 128 + noise + warmth
      pixels[at + 1] = (green - 128) * contrast + 128 + noise
      pixels[at + 2] = (blue - 128) * contrast + 128 + noise - warmth
    }
  }
}
