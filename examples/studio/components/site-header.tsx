import type { Overview } from '@/lib/overview'

interface Props {
  readonly person: Overview['person']
  readonly tickets: Overview['tickets']
  readonly onSignedOut: () => Promise<void>
}

export function SiteHeader({ person, tickets, onSignedOut }: Props) {
  const signOut = async () => {
    // When the server is away the next look tells so.
    await fetch('/api/session', { method: 'DELETE' }).catch(() => null)
    await onSignedOut()
  }
  return (
    <header>
      <h1>
        {/* biome-ignore lint/performance/noImgElement: an icon of a few hundred bytes */}
        <img src="/icon.svg" alt="" width={28} height={28} />
        genqueue studio
      </h1>
      {person !== null && (
        <div className="who">
          {tickets !== null && (
            <p className="tickets">
              <strong>{tickets.available}</strong> {tickets.available === 1 ? 'ticket' : 'tickets'}
              {tickets.reserved > 0 && <span>{tickets.reserved} reserved</span>}
            </p>
          )}
          {person.admin && <a href="/admin/queue">Queue management</a>}
          <button type="button" className="plain" onClick={signOut}>
            Sign out {person.name}
          </button>
        </div>
      )}
    </header>
  )
}
