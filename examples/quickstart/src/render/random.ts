/** A number from text, the same on every machine (FNV-1a, 32 bits). */
export function hashText(text: string): number {
  let hash = 0x811c9dc5
  for (let i = 0; i < text.length; i++) {
    hash ^= text.charCodeAt(i)
    hash = Math.imul(hash, 0x01000193)
  }
  return hash >>> 0
}

/** Uniform in [0, 1), repeatable from its seed (mulberry32). */
export type Random = () => number

export function createRandom(seed: number): Random {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32
  }
}

export const between = (random: Random, low: number, high: number) => low + random() * (high - low)
export const pick = <Item>(random: Random, items: readonly Item[]): Item =>
  items[Math.floor(random() * items.length)] as Item

/** Smooth value noise in the plane, 0 to 1. */
export type Noise = (x: number, y: number) => number

export function createNoise(random: Random): Noise {
  const size = 256
  const values = Float64Array.from({ length: size * size }, random)
  const at = (x: number, y: number) => values[(y & (size - 1)) * size + (x & (size - 1))] as number
  const ease = (t: number) => t * t * (3 - 2 * t)
  return (x, y) => {
    const [x0, y0] = [Math.floor(x), Math.floor(y)]
    const [u, v] = [ease(x - x0), ease(y - y0)]
    const top = at(x0, y0) * (1 - u) + at(x0 + 1, y0) * u
    const bottom = at(x0, y0 + 1) * (1 - u) + at(x0 + 1, y0 + 1) * u
    return top * (1 - v) + bottom * v
  }
}

/** Several octaves of noise, each finer and fainter, 0 to 1. */
export function layered(noise: Noise, x: number, y: number, octaves: number): number {
  let sum = 0
  let total = 0
  for (let octave = 0, size = 1, weight = 1; octave < octaves; octave++, size *= 2, weight /= 2) {
    sum += weight * noise(x * size, y * size)
    total += weight
  }
  return sum / total
}
