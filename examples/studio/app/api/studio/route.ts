import { readOverview } from '@/lib/overview'
import { identify } from '@/lib/session'

/** What the page asks for every two seconds. */
export async function GET(request: Request) {
  const overview = await readOverview(identify(request))
  return Response.json(overview, { headers: { 'cache-control': 'no-store' } })
}
