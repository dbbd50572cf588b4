const number = new Intl.NumberFormat('en')
const clock = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit', second: '2-digit' })
const dayAndClock = new Intl.DateTimeFormat(undefined, {
  month: 'short',
  day: 'numeric',
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
})
const full = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'long' })
const DAY_MS = 86_400_000

export const NONE = '–'

export const count = (value: number): string => number.format(value)

export function plural(value: number, one: string, many = `${one}s`): string {
  return `${count(value)} ${value === 1 ? one : many}`
}

/** The time of day; with the date when it is not within the last day. */
export function shortTime(iso: string | null): string {
  if (iso === null) return NONE
  const date = new Date(iso)
  return (Date.now() - date.getTime() < DAY_MS ? clock : dayAndClock).format(date)
}

export const fullTime = (iso: string): string => full.format(new Date(iso))

/** Two units at most: `840 ms`, `12.4 s`, `3 min 20 s`, `2 h 5 min`. */
export function duration(ms: number | null): string {
  if (ms === null) return NONE
  if (ms < 1_000) return `${Math.round(ms)} ms`
  if (ms < 60_000) return `${(ms / 1_000).toFixed(ms < 10_000 ? 1 : 0)} s`
  const seconds = Math.floor(ms / 1_000)
  if (seconds < 3_600) return twoUnits(Math.floor(seconds / 60), 'min', seconds % 60, 's')
  return twoUnits(Math.floor(seconds / 3_600), 'h', Math.floor((seconds % 3_600) / 60), 'min')
}

const twoUnits = (large: number, unit: string, small: number, smallUnit: string) =>
  `${large} ${unit}${small === 0 ? '' : ` ${small} ${smallUnit}`}`

export const between = (from: string | null, to: string | null): number | null =>
  from === null || to === null ? null : Math.max(0, Date.parse(to) - Date.parse(from))

/** Only these may become a link or a picture; anything else is shown as text. */
const SAFE_URL = /^(https?:\/\/|data:image\/(png|jpeg|gif|webp|avif)[;,])/i

export const isSafeUrl = (url: string): boolean => SAFE_URL.test(url)
