'use client'

import { useState } from 'react'
import type { Overview } from '@/lib/overview'
import { Composer } from './composer'
import { Gallery } from './gallery'
import { SignIn } from './sign-in'
import { SiteHeader } from './site-header'
import { useStudio } from './use-studio'

export function Studio({ first }: { readonly first: Overview }) {
  const studio = useStudio(first)
  const { overview, away, refresh } = studio
  const { person, tickets, people } = overview
  return (
    <>
      <SiteHeader person={person} tickets={tickets} onSignedOut={refresh} />
      {away && (
        <p className="away" role="alert">
          The studio does not answer. It is asked again every two seconds.
        </p>
      )}
      {/* Another person's room is another room: nothing typed or opened stays. */}
      {person === null ? (
        <SignIn people={people} onSignedIn={refresh} />
      ) : (
        <Room key={person.userId} studio={studio} />
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

function Room({ studio }: { readonly studio: ReturnType<typeof useStudio> }) {
  const { overview, mine, more, refresh, showMore } = studio
  const [prompt, setPrompt] = useState('')
  const use = (text: string) => {
    setPrompt(text)
    document.getElementById('prompt')?.focus()
  }
  return (
    <main className="room">
      <Composer
        models={overview.models}
        available={overview.tickets?.available ?? 0}
        prompt={prompt}
        onPrompt={setPrompt}
        onSent={refresh}
      />
      <Gallery
        generations={mine}
        onChange={refresh}
        onUsePrompt={use}
        onShowMore={more ? showMore : undefined}
      />
    </main>
  )
}
