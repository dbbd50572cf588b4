import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { useGenerate, useGeneration } from '../../src/react/index.js'

/** A page as an app would write it: one form, and what became of what it sent. */
export function App() {
  const { generate, generation, result, error, isPending, queueId } = useGenerate<{ prompt: string }>()
  return (
    <main>
      <button type="button" id="go" disabled={isPending} onClick={() => generate({ prompt: 'a lighthouse' })}>
        Generate
      </button>
      <button type="button" id="cancel" onClick={() => generation.cancel()}>
        Cancel
      </button>
      <p id="status">{generation.status ?? 'nothing yet'}</p>
      <p id="position">{generation.position ?? ''}</p>
      <p id="result">{result ?? ''}</p>
      <p id="error">{error ?? ''}</p>
      <Beside queueId={queueId} />
    </main>
  )
}

/** Another component that follows the same generation. */
function Beside({ queueId }: { queueId: number | null }) {
  const { status } = useGeneration(queueId, { intervalMs: 500 })
  return <p id="beside">{status ?? 'nothing yet'}</p>
}

if (typeof document !== 'undefined') {
  createRoot(document.getElementById('root') as HTMLElement).render(
    <StrictMode>
      <App />
    </StrictMode>,
  )
}
