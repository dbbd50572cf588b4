import type { HttpSettings } from '../settings.js'

type Parameters = Readonly<Record<string, string>>
type Answer = (request: Request, settings: HttpSettings, parameters: Parameters) => Promise<Response>

export interface Route {
  readonly method: string
  /** The path's parts; one that begins with a colon names a parameter. */
  readonly parts: readonly string[]
  readonly answer: Answer
}

export const route = (method: string, path: string, answer: Answer): Route => ({
  method,
  parts: path.split('/'),
  answer,
})

/** The parameters of a path that fits, decoded; null when it does not. */
export function matchParts(parts: readonly string[], path: readonly string[]): Parameters | null {
  if (parts.length !== path.length) return null
  const parameters: Record<string, string> = {}
  for (const [index, part] of parts.entries()) {
    const given = path[index] as string
    if (part.startsWith(':')) parameters[part.slice(1)] = decode(given)
    else if (part !== given) return null
  }
  return parameters
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return ''
  }
}
