import { refusalOf, refuseBody, refuseForeign } from './refusals'
import { sameOrigin } from './same-origin'

const BODY_BYTES_MAX = 65_536

type Answer = (request: Request) => Promise<Response>

/**
 * What every write of the app has around it: it comes from a page of ours, brings a JSON object of a bounded size (or
 * nothing), and is refused in the queue's own words.
 */
export const guard =
  (answer: Answer): Answer =>
  async (request) => {
    if (!sameOrigin(request)) return refuseForeign()
    const text = await readObject(request)
    if (text === null) return refuseBody(BODY_BYTES_MAX)
    const { url, method, headers } = request
    try {
      return await answer(new Request(url, { method, headers, body: text }))
    } catch (error) {
      return refusalOf(error)
    }
  }

/** The body as text when it is an object's JSON within the bound; reads no further than that. Nothing counts as `{}`. */
async function readObject({ body }: Request): Promise<string | null> {
  const decoder = new TextDecoder()
  let text = ''
  let bytes = 0
  for await (const chunk of (body ?? []) as AsyncIterable<Uint8Array>) {
    bytes += chunk.byteLength
    if (bytes > BODY_BYTES_MAX) return null
    text += decoder.decode(chunk, { stream: true })
  }
  text += decoder.decode()
  try {
    const value: unknown = text === '' ? {} : JSON.parse(text)
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? text || '{}' : null
  } catch {
    return null
  }
}
