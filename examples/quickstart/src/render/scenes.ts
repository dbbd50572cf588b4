import { along, type Canvas, type Colour, mix } from './canvas.js'
import type { Palette } from './palette.js'
import { between, createNoise, layered, type Noise, pick, type Random } from './random.js'

export type Scene = (canvas: Canvas, palette: Palette, random: Random) => void

const BLACK: Colour = [0, 0, 0]

function sky(canvas: Canvas, palette: Palette, random: Random, horizon: number): void {
  const noise = createNoise(random)
  const [scale, drift] = [between(random, 2, 4), between(random, 0, 60)]
  canvas.fill((x, y) => {
    const base = along(palette.sky, y / horizon)
    const cloud = layered(noise, x * scale + drift, y * scale * 3, 4)
    return mix(base, palette.light, Math.max(0, cloud - 0.52) * (palette.night ? 0.7 : 1.7))
  })
  if (palette.night) stars(canvas, palette, random, 90, horizon)
  const [sx, sy, radius] = [
    between(random, 0.15, 0.85),
    between(random, 0.12, horizon * 0.7),
    between(random, 0.035, 0.085),
  ]
  canvas.glow(sx, sy, radius * 6, palette.light, palette.night ? 0.35 : 0.6)
  canvas.disc(sx, sy, radius, () => palette.light)
  if (palette.night)
    canvas.disc(sx + radius * 0.45, sy - radius * 0.2, radius * 0.85, (_x, y) =>
      along(palette.sky, y / horizon),
    )
}

function stars(canvas: Canvas, palette: Palette, random: Random, count: number, below: number): void {
  for (let i = 0; i < count; i++) {
    const [x, y, size] = [random(), random() * below, between(random, 0.0012, 0.0042)]
    canvas.disc(x, y, size, () => palette.light, between(random, 0.4, 1))
    if (size > 0.0038) canvas.glow(x, y, 0.03, palette.light, 0.5)
  }
}

/** A ridge across the picture: everything below its line. */
function ridge(
  canvas: Canvas,
  line: (x: number) => number,
  colourAt: (x: number, y: number) => Colour,
): void {
  const soft = 1 / canvas.height
  canvas.paint([0, 0, 1, 1], (x, y) => (y - line(x)) / soft + 0.5, colourAt)
}

const mountains: Scene = (canvas, palette, random) => {
  const horizon = between(random, 0.5, 0.66)
  sky(canvas, palette, random, horizon)
  const noise = createNoise(random)
  const layers = 5
  for (let i = 0; i < layers; i++) {
    const depth = i / (layers - 1)
    const [offset, height] = [between(random, 0, 90), 0.3 * (1 - depth * 0.45)]
    const line = (x: number) =>
      horizon + depth * 0.32 - height * (layered(noise, x * (1.8 + depth * 2) + offset, i * 7, 5) - 0.28)
    const colour = mix(palette.far, palette.near, depth)
    ridge(canvas, line, (x, y) => {
      const snow = depth < 0.4 ? Math.max(0, 1 - (y - line(x)) * 22) * 0.55 : 0
      return mix(mix(colour, along(palette.sky, 1), (1 - depth) * 0.35), palette.light, snow)
    })
  }
}

const sea: Scene = (canvas, palette, random) => {
  const horizon = between(random, 0.42, 0.58)
  sky(canvas, palette, random, horizon)
  const noise = createNoise(random)
  const sun = between(random, 0.25, 0.75)
  canvas.paint(
    [0, horizon, 1, 1],
    () => 1,
    (x, y) => {
      const depth = (y - horizon) / (1 - horizon)
      const wave = layered(noise, x * 9 * (1.2 - depth) + 40, Math.log(depth + 0.03) * 14, 3)
      const glitter = Math.max(0, 1 - Math.abs(x - sun) * (5 - depth * 2)) * Math.max(0, wave - 0.5) * 3.2
      return mix(
        mix(along(palette.sky, 0.9 - depth * 0.6), palette.near, 0.25 + depth * 0.6 - wave * 0.2),
        palette.light,
        glitter,
      )
    },
  )
  const [island, width] = [between(random, 0.1, 0.9), between(random, 0.12, 0.24)]
  const shore = (x: number) => {
    const rise = Math.max(0, 1 - Math.abs(x - island) / width)
    return horizon - rise * (0.02 + 0.13 * layered(noise, x * 9, 3, 3))
  }
  canvas.paint(
    [island - width, horizon - 0.2, island + width, horizon + 0.004],
    (x, y) => (y - shore(x)) * canvas.height,
    () => mix(palette.far, palette.near, 0.65),
  )
  if (random() < 0.7) boat(canvas, palette, between(random, 0.2, 0.8), horizon + between(random, 0.08, 0.22))
}

function boat(canvas: Canvas, palette: Palette, x: number, y: number): void {
  const hull = (px: number, py: number) =>
    py > y && py < y + 0.025 && Math.abs(px - x) < 0.06 - (py - y) * 1.2 ? 1 : 0
  const sail = (px: number, py: number) =>
    py < y && py > y - 0.13 && px > x && px - x < (py - y + 0.13) * 0.45 ? 1 : 0
  canvas.paint([x - 0.08, y - 0.15, x + 0.1, y + 0.04], hull, () => palette.near)
  canvas.paint([x - 0.08, y - 0.15, x + 0.1, y + 0.04], sail, (_px, py) =>
    mix(palette.light, palette.accent, (py - y + 0.13) * 4),
  )
}

const city: Scene = (canvas, palette, random) => {
  const ground = between(random, 0.78, 0.88)
  sky(canvas, palette, random, ground)
  for (let row = 0; row < 3; row++) {
    const depth = row / 2
    for (let x = -0.05; x < 1.05; ) {
      const width = between(random, 0.045, 0.12)
      const top = ground - between(random, 0.12, 0.55) * (1 - depth * 0.45)
      building(canvas, palette, random, [x, top + depth * 0.05, x + width * 0.94, 1], depth)
      x += width
    }
  }
  canvas.paint(
    [0, ground + 0.04, 1, 1],
    () => 0.75,
    (_x, y) => mix(palette.near, palette.accent, (1 - y) * 0.9),
  )
}

function building(
  canvas: Canvas,
  palette: Palette,
  random: Random,
  box: readonly [number, number, number, number],
  depth: number,
): void {
  const [left, top] = box
  const body = mix(mix(palette.far, along(palette.sky, 0.8), 0.25), palette.near, depth * 0.9 + 0.1)
  canvas.paint(
    box,
    () => 1,
    (_x, y) => mix(body, palette.accent, Math.max(0, y - 0.75) * 0.4),
  )
  const lit = Math.floor(random() * 1e6)
  const window = (x: number, y: number) => {
    const [cx, cy] = [(x - left) / 0.018, (y - top - 0.012) / 0.026]
    if (cy < 0 || cx % 1 < 0.35 || cy % 1 < 0.45) return 0
    const on = (Math.floor(cx) * 73 + Math.floor(cy) * 151 + lit) % 7
    return on < (palette.night ? 4 : 2) ? 0.85 : 0.12
  }
  canvas.paint([box[0] + 0.006, top, box[2] - 0.012, 1], window, () =>
    mix(palette.light, palette.accent, 0.25),
  )
}

const space: Scene = (canvas, palette, random) => {
  const [gas, dust] = [createNoise(random), createNoise(random)]
  const [ox, oy] = [between(random, 0, 50), between(random, 0, 50)]
  canvas.fill((x, y) => {
    const cloud = layered(gas, x * 3 + ox, y * 3 + oy, 5)
    const lane = layered(dust, x * 5 + oy, y * 5 + ox, 4)
    const glow = mix(
      mix(BLACK, palette.sky[0] as Colour, 0.6),
      palette.accent,
      Math.max(0, cloud - 0.42) * 2.1,
    )
    return mix(mix(glow, palette.light, Math.max(0, cloud - 0.66) * 2), BLACK, Math.max(0, lane - 0.5) * 2.2)
  })
  stars(canvas, palette, random, 160, 1)
  planet(
    canvas,
    palette,
    random,
    between(random, 0.3, 0.7),
    between(random, 0.35, 0.65),
    between(random, 0.14, 0.27),
  )
  if (random() < 0.6)
    planet(
      canvas,
      palette,
      random,
      between(random, 0.05, 0.95),
      between(random, 0.08, 0.3),
      between(random, 0.03, 0.07),
    )
}

function planet(
  canvas: Canvas,
  palette: Palette,
  random: Random,
  cx: number,
  cy: number,
  radius: number,
): void {
  const noise = createNoise(random)
  const [turn, ringed] = [between(random, 0, 6.28), radius > 0.12 && random() < 0.6]
  canvas.glow(cx, cy, radius * 1.6, palette.accent, 0.4)
  canvas.disc(cx, cy, radius, (x, y) => {
    const [u, v] = [(x - cx) / radius, (y - cy) / radius]
    const band = layered(noise, v * 5 + u * 0.6, turn + u * 1.2, 4)
    const light = Math.max(
      0.05,
      u * Math.cos(turn) * 0.7 + v * -0.5 + Math.sqrt(Math.max(0, 1 - u * u - v * v)) * 0.75,
    )
    return mix(BLACK, mix(mix(palette.far, palette.accent, band), palette.light, band * band * 0.7), light)
  })
  if (!ringed) return
  const ring = (x: number, y: number) => {
    const [u, v] = [(x - cx) / radius, (y - cy) / radius]
    const distance = Math.hypot(u, (v - u * 0.25) * 3.4)
    const hidden = v - u * 0.25 < 0 && Math.hypot(u, v) < 1
    return hidden || distance < 1.35 || distance > 2.05 ? 0 : 0.35 + 0.4 * Math.sin(distance * 26)
  }
  canvas.paint(
    [cx - radius * 2.2, cy - radius * 1.4, cx + radius * 2.2, cy + radius * 1.4],
    ring,
    () => palette.light,
  )
}

const forest: Scene = (canvas, palette, random) => {
  const horizon = between(random, 0.6, 0.72)
  sky(canvas, palette, random, horizon)
  const noise = createNoise(random)
  for (let row = 0; row < 4; row++) {
    const depth = row / 3
    const colour = mix(mix(palette.far, along(palette.sky, 1), 0.4 * (1 - depth)), palette.near, depth)
    const base = horizon + depth * 0.22
    ridge(
      canvas,
      (x) => base - 0.03 + 0.04 * noise(x * 4, row * 9),
      () => colour,
    )
    const step = 0.035 + depth * 0.05
    for (let x = -0.05; x < 1.05; x += step * between(random, 0.6, 1.3)) {
      const height = between(random, 0.1, 0.2) * (0.7 + depth)
      pine(canvas, colour, x, base + 0.03, height)
    }
  }
  for (let i = 0; i < 14; i++) canvas.glow(random(), between(random, horizon, 1), 0.025, palette.accent, 0.7)
}

function pine(canvas: Canvas, colour: Colour, x: number, foot: number, height: number): void {
  const cover = (px: number, py: number) => {
    const t = (py - foot + height) / height
    if (t < 0 || t > 1) return 0
    const tier = 0.35 + 0.65 * ((t * 4) % 1)
    return Math.abs(px - x) < 0.26 * height * t * tier + 0.002 ? 1 : 0
  }
  canvas.paint([x - height * 0.3, foot - height, x + height * 0.3, foot], cover, () => colour)
}

const kaleidoscope: Scene = (canvas, palette, random) => {
  const [noise, folds] = [createNoise(random), pick(random, [5, 6, 7, 8, 10, 12])]
  const [twist, scale, ox] = [between(random, -2, 2), between(random, 2, 4.5), between(random, 0, 50)]
  const stops = [palette.near, palette.far, palette.accent, palette.light, palette.sky[1] as Colour]
  canvas.fill((x, y) => {
    const [dx, dy] = [x - 0.5, y - 0.5]
    const radius = Math.hypot(dx, dy)
    const slice = (Math.PI * 2) / folds
    const angle = Math.abs(
      ((((Math.atan2(dy, dx) + twist * radius * 3) % slice) + slice) % slice) - slice / 2,
    )
    const [u, v] = [Math.cos(angle) * radius * scale, Math.sin(angle) * radius * scale]
    const value = layered(noise, u + ox, v + ox, 4)
    const rings = 0.5 + 0.5 * Math.sin(radius * 40 + value * 9)
    return mix(along(stops, (value * 1.5 + radius * 0.5) % 1), palette.light, rings * 0.18)
  })
}

const flow: Scene = (canvas, palette, random) => {
  const noise: Noise = createNoise(random)
  const warp = (x: number, y: number, o: number) => layered(noise, x * 2.2 + o, y * 2.2 - o, 4)
  const [o, strength] = [between(random, 0, 40), between(random, 1.5, 3)]
  const stops = [...palette.sky, palette.accent, palette.light, palette.near]
  canvas.fill((x, y) => {
    const [a, b] = [warp(x, y, o), warp(y, x, o + 9)]
    const value = warp(x + a * strength * 0.4, y + b * strength * 0.4, o + 21)
    const lines = Math.abs(Math.sin(value * 42))
    return mix(along(stops, value * 1.6 - 0.3), palette.near, lines < 0.18 ? 0.45 : 0)
  })
}

/** Scenes by the words that call for them; what no word calls for is drawn by lot. */
export const SCENES: readonly [words: string, scene: Scene][] = [
  ['mountain snow valley hill alps desert landscape pyramid volcano canyon castle', mountains],
  ['sea ocean ship boat beach island lake river water wave fish whale harbor lighthouse', sea],
  ['city street tower building skyline car bridge subway robot shop house train neon', city],
  ['space planet galaxy star stars moon astronaut rocket alien universe cosmos nebula', space],
  ['forest tree wood fox owl bear deer garden jungle squirrel bird rabbit autumn dragon', forest],
  ['abstract pattern glass flower rose mandala symmetry butterfly love time peace', kaleidoscope],
  ['dream music emotion smoke fire wind portrait painting ink marble chaos cat dog', flow],
]
