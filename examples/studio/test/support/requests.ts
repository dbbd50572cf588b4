/** The studio as a script uses it. */
export interface Client {
  get(path: string): Promise<Response>
  /** JSON, or the text of a body as it is. */
  post(path: string, body: unknown, origin?: string): Promise<Response>
  put(path: string, body: unknown): Promise<Response>
}

export async function signIn(url: string, userId: string): Promise<Client> {
  const nobody = clientOf(url, '')
  const response = await nobody.post('/api/session', { userId })
  if (response.status !== 204) throw new Error(`signing in as ${userId} was answered with ${response.status}`)
  const [cookie = ''] = response.headers.get('set-cookie')?.split(';') ?? []
  return clientOf(url, cookie)
}

export function clientOf(url: string, cookie: string): Client {
  const send = (method: string, path: string, body?: unknown, origin = url) =>
    fetch(url + path, {
      method,
      // A body that is not read to its end costs the connection it came on.
      headers: { cookie, origin, connection: 'close' },
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    })
  return {
    get: (path) => send('GET', path),
    post: (path, body, origin) => send('POST', path, body, origin),
    put: (path, body) => send('PUT', path, body),
  }
}
