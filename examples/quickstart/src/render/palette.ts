import { type Colour, hex, mix } from './canvas.js'
import { pick, type Random } from './random.js'

export interface Palette {
  /** From the zenith down to the horizon. */
  readonly sky: readonly Colour[]
  readonly near: Colour
  readonly far: Colour
  readonly light: Colour
  readonly accent: Colour
  readonly night: boolean
}

const palette = (
  sky: string,
  far: string,
  near: string,
  light: string,
  accent: string,
  night = false,
): Palette => ({
  sky: sky.split(' ').map(hex),
  far: hex(far),
  near: hex(near),
  light: hex(light),
  accent: hex(accent),
  night,
})

const PALETTES: readonly [words: string, palette: Palette][] = [
  [
    'night moon midnight star stars dark',
    palette('#050818 #0d1b40 #263a6b', '#24345f', '#05070f', '#f4f0d8', '#8fb7ff', true),
  ],
  [
    'sunset dusk evening red fire lava',
    palette('#2b1650 #a3325f #ff8a4c #ffd28a', '#7d3a5c', '#1c0f26', '#fff1c4', '#ff5a5f'),
  ],
  [
    'dawn morning pink rose love',
    palette('#5b6ea8 #c79ac4 #ffd6c4', '#8f7ba6', '#2f2a4a', '#fff6e0', '#ff8fab'),
  ],
  [
    'ocean sea water blue river lake rain',
    palette('#0b4f8a #3f9bd0 #bfe8f5', '#4a86a8', '#0a2f4f', '#ffffff', '#2bd4c8'),
  ],
  [
    'forest tree green grass garden jungle',
    palette('#7fc4c9 #bfe3c8 #f2f4cf', '#6d9f7a', '#12331f', '#fffbe0', '#7ccf4c'),
  ],
  [
    'snow ice winter white mountain cold',
    palette('#6fa3d6 #b9d7ee #f3f8fc', '#9db8d2', '#35506e', '#ffffff', '#58c4f0'),
  ],
  [
    'desert sand gold yellow egypt pyramid',
    palette('#4d8fc4 #a9d0d8 #ffe2a6', '#d19a5b', '#8a4f24', '#fff8dc', '#ffb02e'),
  ],
  [
    'neon cyber robot city futuristic',
    palette('#12002b #3c0a63 #c2247f', '#3a1266', '#0a0418', '#ffd1f7', '#22e6ff', true),
  ],
  [
    'autumn orange leaf fall pumpkin',
    palette('#6d8fa8 #d9c7a0 #ffd08a', '#b0673a', '#3d1d12', '#fff4d6', '#ff7a1a'),
  ],
  [
    'violet purple magic dream fairy',
    palette('#1d1147 #5b2d91 #d59bf0', '#5a3a8c', '#150a33', '#fbe8ff', '#ff9ff3', true),
  ],
]

/** The palette whose words the prompt has, or any. */
export function choosePalette(words: ReadonlySet<string>, random: Random): Palette {
  const fitting = PALETTES.filter(([keys]) => keys.split(' ').some((key) => words.has(key)))
  const [, chosen] = pick(random, fitting.length > 0 ? fitting : PALETTES)
  const shift = random() * 0.18
  return {
    ...chosen,
    accent: mix(chosen.accent, chosen.light, shift),
    far: mix(chosen.far, chosen.accent, shift),
  }
}
