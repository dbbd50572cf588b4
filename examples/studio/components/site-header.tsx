import type { Overview } from '@/lib/overview'
import { TicketIcon } from './icons'

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
        <img src="/icon.svg" alt="" width={30} height={30} />
        <span>
          genqueue<span className="wide"> studio</span>
        </span>
      </h1>
      {person !== null && (
        <div className="who">
          {tickets !== null && (
            <p className="tickets">
              <TicketIcon />
              <strong>{tickets.available}</strong> {tickets.available === 1 ? 'ticket' : 'tickets'}
              {tickets.reserved > 0 && <span className="wide">{tickets.reserved} reserved</span>}
            </p>
          )}
          {person.admin && (
            <a className="button plain" href="/admin/queue">
              <span>
                Queue<span className="wide"> management</span>
              </span>
            </a>
          )}
          <button type="button" className="plain" onClick={signOut}>
            <span>
              Sign out<span className="wide"> {person.name}</span>
            </span>
          </button>
        </div>
      )}
    </header>
  )
}
