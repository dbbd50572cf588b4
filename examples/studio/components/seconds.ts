const MINUTE_S = 60

/** `8 s`, `2 min`, `2 min 30 s` */
export function inWords(seconds: number): string {
  const [minutes, rest] = [Math.floor(seconds / MINUTE_S), seconds % MINUTE_S]
  if (minutes === 0) return `${rest} s`
  return rest === 0 ? `${minutes} min` : `${minutes} min ${rest} s`
}
