const HOUR_MS = 3_600_000
export const HOURS = 24

/** Starts of the last 24 hours, oldest first, as the API writes them. */
export function lastHours(at: string): string[] {
  const latest = Math.floor(Date.parse(at) / HOUR_MS) * HOUR_MS
  return Array.from({ length: HOURS }, (_, index) =>
    new Date(latest - (HOURS - 1 - index) * HOUR_MS).toISOString(),
  )
}

export const hourLabel = (iso: string): string => `${String(new Date(iso).getHours()).padStart(2, '0')}:00`

const STEPS = [1, 2, 2.5, 5, 10]

/** Round numbers from 0 to at least `max`, about four steps. */
export function ticks(max: number, whole = false): number[] {
  const rough = Math.max(max, whole ? 4 : 1e-9) / 4
  const magnitude = 10 ** Math.floor(Math.log10(rough))
  const factor = STEPS.find((step) => step * magnitude >= rough) ?? 10
  const step = whole ? Math.max(1, Math.ceil(factor * magnitude)) : factor * magnitude
  return Array.from({ length: Math.ceil(max / step) + 1 || 2 }, (_, index) => index * step)
}
