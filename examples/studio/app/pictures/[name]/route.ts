import { readPicture } from '@/lib/pictures'

/** A finished picture. Whoever was given its address may see it; it never changes. */
export async function GET(request: Request) {
  const picture = await readPicture(new URL(request.url).pathname.split('/').at(-1) ?? '')
  if (picture === null) return new Response('There is no such picture.\n', { status: 404 })
  return new Response(new Uint8Array(picture.bytes), {
    headers: {
      'content-type': picture.mediaType,
      'cache-control': 'private, max-age=31536000, immutable',
      'x-content-type-options': 'nosniff',
    },
  })
}
