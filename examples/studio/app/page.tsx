import { headers } from 'next/headers'
import { connection } from 'next/server'
import { Suspense } from 'react'
import { Studio } from '@/components/studio'
import { readOverview } from '@/lib/overview'
import { personOfCookies } from '@/lib/session'

/** The frame is the same for everybody; who is signed in is filled in for each request. */
export default function Page() {
  return (
    <Suspense fallback={<p className="opening">Opening the studio…</p>}>
      <StudioOfVisitor />
    </Suspense>
  )
}

async function StudioOfVisitor() {
  await connection()
  const person = personOfCookies((await headers()).get('cookie'))
  return <Studio first={await readOverview(person)} />
}
