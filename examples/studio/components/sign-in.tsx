import { useState } from 'react'
import type { Overview } from '@/lib/overview'

interface Props {
  readonly people: Overview['people']
  readonly onSignedIn: () => Promise<void>
}

export function SignIn({ people, onSignedIn }: Props) {
  const [problem, setProblem] = useState<string | null>(null)
  const signIn = async (userId: string) => {
    const response = await fetch('/api/session', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ userId }),
    }).catch(() => null)
    setProblem(response?.ok ? null : 'Signing in did not work. Is the studio still running?')
    await onSignedIn()
  }
  return (
    <section className="panel" aria-labelledby="sign-in">
      <h2 id="sign-in">Who are you today?</h2>
      <p className="quiet">This is a demo on your own machine, so there are no passwords. Pick a name.</p>
      <ul className="people">
        {people.map(({ userId, name, note }) => (
          <li key={userId}>
            <button type="button" onClick={() => signIn(userId)}>
              <strong>{name}</strong> <span>{note}</span>
            </button>
          </li>
        ))}
      </ul>
      {problem !== null && <p role="alert">{problem}</p>}
    </section>
  )
}
