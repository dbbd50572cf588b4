'use client'

import type { Overview } from '@/lib/overview'
import { Composer } from './composer'
import { Gallery } from './gallery'
import { SignIn } from './sign-in'
import { SiteHeader } from './site-header'
import { useStudio } from './use-studio'

export function Studio({ first }: { readonly first: Overview }) {
  const { overview, mine, away, refresh } = useStudio(first)
  const { person, tickets, people, models } = overview
  return (
    <>
      <SiteHeader person={person} tickets={tickets} onSignedOut={refresh} />
      {away && (
        <p className="away" role="alert">
          The studio does not answer. It is asked again every two seconds.
        </p>
      )}
      {person === null ? (
        <main className="door">
          <SignIn people={people} onSignedIn={refresh} />
        </main>
      ) : (
        <main className="room">
          <Composer models={models} available={tickets?.available ?? 0} onSent={refresh} />
          {/* Another person's pictures are another gallery. */}
          <Gallery key={person.userId} generations={mine} onChange={refresh} />
        </main>
      )}
      <footer>
        <p>
          A demo of genqueue. Without a provider's key the pictures are drawn by rules, not by an AI model. A
          prompt with <code>[fail]</code> in it fails once.
        </p>
      </footer>
    </>
  )
}
