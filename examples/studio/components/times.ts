const SECOND_MS = 1_000
const MINUTE_S = 60
const HOUR_S = 3_600
const DAY_S = 86_400

/** `8 s`, `2 min`, `2 min 30 s` */
export function inWords(seconds: number): string {
  const [minutes, rest] = [Math.floor(seconds / MINUTE_S), seconds % MINUTE_S]
  if (minutes === 0) return `${rest} s`
  return rest === 0 ? `${minutes} min` : `${minutes} min ${rest} s`
}

/** `just now`, `5 min ago`, `2 h ago`, `3 d ago` */
export function ago(time: string): string {
  const seconds = Math.floor((Date.now() - Date.parse(time)) / SECOND_MS)
  if (seconds < MINUTE_S) return 'just now'
  if (seconds < HOUR_S) return `${Math.floor(seconds / MINUTE_S)} min ago`
  if (seconds < DAY_S) return `${Math.floor(seconds / HOUR_S)} h ago`
  return `${Math.floor(seconds / DAY_S)} d ago`
}

/** From one time to another, in words; null while one of them is not known. */
export function between(from: string | null, to: string | null): string | null {
  if (from === null || to === null) return null
  const ms = Math.max(0, Date.parse(to) - Date.parse(from))
  return ms < SECOND_MS ? 'less than a second' : inWords(Math.round(ms / SECOND_MS))
}
