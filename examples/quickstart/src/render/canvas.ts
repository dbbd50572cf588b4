export type Colour = readonly [red: number, green: number, blue: number]

export const mix = (a: Colour, b: Colour, t: number): Colour => {
  const s = Math.min(1, Math.max(0, t))
  return [a[0] + (b[0] - a[0]) * s, a[1] + (b[1] - a[1]) * s, a[2] + (b[2] - a[2]) * s]
}

/** A colour along a list of stops, 0 to 1. */
export function along(stops: readonly Colour[], t: number): Colour {
  const scaled = Math.min(1, Math.max(0, t)) * (stops.length - 1)
  const index = Math.min(stops.length - 2, Math.floor(scaled))
  return mix(stops[index] as Colour, stops[index + 1] as Colour, scaled - index)
}

export const hex = (text: string): Colour => {
  const value = Number.parseInt(text.slice(1), 16)
  return [(value >> 16) & 255, (value >> 8) & 255, value & 255]
}

/** Pixels in the unit square: x and y run from 0 to 1, y downwards. */
export class Canvas {
  readonly pixels: Float32Array

  constructor(
    readonly width: number,
    readonly height: number,
  ) {
    this.pixels = new Float32Array(width * height * 3)
  }

  /** Every pixel from its place. */
  fill(colourAt: (x: number, y: number) => Colour): void {
    for (let py = 0; py < this.height; py++) {
      for (let px = 0; px < this.width; px++) this.put(px, py, colourAt(px / this.width, py / this.height), 1)
    }
  }

  /** A shape over a box, `cover` telling how much of each pixel it takes (0 to 1). */
  paint(
    [left, top, right, bottom]: readonly [number, number, number, number],
    cover: (x: number, y: number) => number,
    colourAt: (x: number, y: number) => Colour,
  ): void {
    const [x0, x1] = [
      Math.max(0, Math.floor(left * this.width)),
      Math.min(this.width, Math.ceil(right * this.width)),
    ]
    const [y0, y1] = [
      Math.max(0, Math.floor(top * this.height)),
      Math.min(this.height, Math.ceil(bottom * this.height)),
    ]
    for (let py = y0; py < y1; py++) {
      for (let px = x0; px < x1; px++) {
        const [x, y] = [px / this.width, py / this.height]
        const alpha = cover(x, y)
        if (alpha > 0) this.put(px, py, colourAt(x, y), Math.min(1, alpha))
      }
    }
  }

  disc(cx: number, cy: number, radius: number, colourAt: (x: number, y: number) => Colour, alpha = 1): void {
    const edge = 1.5 / this.width
    const cover = (x: number, y: number) =>
      alpha * Math.min(1, Math.max(0, (radius - Math.hypot(x - cx, y - cy)) / edge))
    this.paint(
      [cx - radius - edge, cy - radius - edge, cx + radius + edge, cy + radius + edge],
      cover,
      colourAt,
    )
  }

  /** Light around a point that fades with the distance; adds to what is there. */
  glow(cx: number, cy: number, radius: number, colour: Colour, strength: number): void {
    const light = (x: number, y: number) => {
      const near = 1 - Math.hypot(x - cx, y - cy) / radius
      return near > 0 ? strength * near * near : 0
    }
    this.paint([cx - radius, cy - radius, cx + radius, cy + radius], light, () => colour)
  }

  put(px: number, py: number, colour: Colour, alpha: number): void {
    const at = (py * this.width + px) * 3
    for (let i = 0; i < 3; i++) {
      const was = this.pixels[at + i] as number
      this.pixels[at + i] = was + ((colour[i] as number) - was) * alpha
    }
  }

  bytes(): Uint8Array {
    return Uint8Array.from(this.pixels, (value) => Math.min(255, Math.max(0, Math.round(value))))
  }
}
