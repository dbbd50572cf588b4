/** Stands for the session of an app: a cookie names who is signed in. */
export async function readSession(request: Request): Promise<{ userId: string; email: string } | null> {
  const name = /session=(\w+)/.exec(request.headers.get('cookie') ?? '')?.[1]
  return name === undefined ? null : { userId: name, email: `${name}@example.com` }
}
