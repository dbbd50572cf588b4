import { type Child, svg } from './dom.js'
import { hourLabel } from './scale.js'

/** The drawing area: 24 columns over a row of hours, with lines at round numbers. Units are those of the viewBox. */
const WIDTH = 720
const HEIGHT = 220
const LEFT = 72
const RIGHT = 8
const TOP = 10
const BOTTOM = 26

export interface Plot {
  readonly columnWidth: number
  x(index: number): number
  y(value: number): number
  readonly floor: number
}

function createPlot(columns: number, max: number): Plot {
  const columnWidth = (WIDTH - LEFT - RIGHT) / columns
  const floor = HEIGHT - BOTTOM
  return {
    columnWidth,
    floor,
    x: (index) => LEFT + index * columnWidth,
    y: (value) => floor - (max === 0 ? 0 : value / max) * (floor - TOP),
  }
}

interface Drawing {
  readonly label: string
  readonly hours: readonly string[]
  readonly marks: readonly number[]
  readonly unit: (value: number) => string
  readonly draw: (plot: Plot) => readonly Child[]
}

/** One chart; what it says is also in the table beside it, so to screen readers it is one picture with a name. */
export function drawPlot({ label, hours, marks, unit, draw }: Drawing): SVGElement {
  const plot = createPlot(hours.length, marks.at(-1) ?? 1)
  const lines = marks.map((value) =>
    svg(
      'g',
      { class: 'mark' },
      svg('line', { x1: LEFT, x2: WIDTH - RIGHT, y1: plot.y(value), y2: plot.y(value) }),
      svg('text', { x: LEFT - 8, y: plot.y(value) + 4, 'text-anchor': 'end' }, unit(value)),
    ),
  )
  const names = hours.flatMap((hour, index) =>
    index % 3 === 2
      ? [
          svg(
            'text',
            { x: plot.x(index) + plot.columnWidth / 2, y: HEIGHT - 8, 'text-anchor': 'middle' },
            hourLabel(hour),
          ),
        ]
      : [],
  )
  return svg(
    'svg',
    { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: 'img', 'aria-label': label, class: 'plot' },
    lines,
    names,
    draw(plot),
  )
}

/** A bar with its lower edge on another's upper one. */
export function bar(plot: Plot, index: number, from: number, to: number, tone: string, title: string): Child {
  if (to <= from) return null
  const gap = Math.min(4, plot.columnWidth * 0.18)
  return svg(
    'rect',
    {
      x: plot.x(index) + gap / 2,
      y: plot.y(to),
      width: plot.columnWidth - gap,
      height: plot.y(from) - plot.y(to),
      class: `bar ${tone}`,
      rx: 2,
    },
    svg('title', {}, title),
  )
}

/** A line through the hours that have a value; hours without one break it. */
export function line(
  plot: Plot,
  values: readonly (number | null)[],
  tone: string,
  title: (value: number) => string,
): Child[] {
  const at = (index: number) => plot.x(index) + plot.columnWidth / 2
  let path = ''
  let drawing = false
  const points: Child[] = []
  for (const [index, value] of values.entries()) {
    if (value === null) {
      drawing = false
      continue
    }
    path += `${drawing ? 'L' : 'M'}${at(index).toFixed(1)} ${plot.y(value).toFixed(1)}`
    drawing = true
    points.push(
      svg(
        'circle',
        { cx: at(index), cy: plot.y(value), r: 3, class: `point ${tone}` },
        svg('title', {}, title(value)),
      ),
    )
  }
  return [svg('path', { d: path, class: `line ${tone}` }), points]
}
