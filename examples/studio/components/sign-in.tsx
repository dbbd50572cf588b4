import { useState } from 'react'
import type { Overview } from '@/lib/overview'

interface Props {
  readonly people: Overview['people']
  readonly onSignedIn: () => Promise<void>
}

/** Drawn by scripts/setup.mjs. */
const SAMPLES = [1, 2, 3, 4, 5, 6]

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
    <main className="door">
      <div className="samples" aria-hidden="true">
        {SAMPLES.map((sample) => (
          // biome-ignore lint/performance/noImgElement: small files of our own
          <img key={sample} src={`/samples/${sample}.png`} alt="" width={256} height={256} />
        ))}
      </div>
      <section aria-labelledby="sign-in">
        <p className="claim">Pictures from prompts, each in its turn.</p>
        <p className="quiet">
          You see your place in the queue, about how long it takes, and your picture as soon as it is done.
          What fails or is cancelled costs nothing.
        </p>
        <h2 id="sign-in">Sign in as</h2>
        <ul className="people">
          {people.map(({ userId, name, note }) => (
            <li key={userId}>
              <button type="button" onClick={() => signIn(userId)}>
                <span className="avatar" data-person={userId} aria-hidden="true">
                  {name.slice(0, 1)}
                </span>
                <strong>{name}</strong> <span className="note">{note}</span>
              </button>
            </li>
          ))}
        </ul>
        {problem !== null && <p role="alert">{problem}</p>}
        <p className="quiet small">A demo on your own machine, so there are no passwords.</p>
      </section>
    </main>
  )
}
