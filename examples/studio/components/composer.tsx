import { useGenerate } from '@genqueue/next/react'
import { type FormEvent, useState } from 'react'
import type { Model } from '@/lib/overview'
import { ModelPicker } from './model-picker'
import { inWords } from './seconds'

interface Props {
  readonly models: readonly Model[]
  /** Tickets. */
  readonly available: number
  readonly onSent: () => Promise<void>
}

interface Order {
  readonly prompt: string
  readonly model: string
  /** A click that is sent twice asks for one picture. */
  readonly idempotencyKey: string
}

const PROMPT_LETTERS_MAX = 2_000

export function Composer({ models, available, onSent }: Props) {
  const [prompt, setPrompt] = useState('')
  const [model, setModel] = useState('flux-2-pro')
  const { generate, isPending, error, reset } = useGenerate<Order>({ url: '/api/generate-safe' })
  const chosen = models.find(({ modelId }) => modelId === model)
  const send = async (event: FormEvent) => {
    event.preventDefault()
    const answer = await generate({ prompt, model, idempotencyKey: crypto.randomUUID() })
    // Its card follows it from here on.
    if (answer !== null) reset()
    await onSent()
  }
  return (
    <form className="panel composer" onSubmit={send} aria-label="New picture">
      <label htmlFor="prompt">What should it show?</label>
      <textarea
        id="prompt"
        required
        maxLength={PROMPT_LETTERS_MAX}
        rows={4}
        value={prompt}
        onChange={(event) => setPrompt(event.target.value)}
        placeholder="A lighthouse above a stormy sea at dusk"
      />
      <ModelPicker models={models} chosen={model} onChoose={setModel} />
      <div className="order">
        {available < 1 ? (
          <p role="alert">You have no tickets left. An admin can grant you more under Queue management.</p>
        ) : (
          <p className="quiet">{chosen === undefined ? '' : outlook(chosen)}</p>
        )}
        <button type="submit" disabled={isPending || available < 1}>
          Generate <span>1 ticket</span>
        </button>
      </div>
      {error !== null && <p role="alert">{error}</p>}
    </form>
  )
}

function outlook({ paused, active, maxConcurrent, waiting, estimatedWait }: Model): string {
  if (paused) return 'Paused by an admin: what you send waits.'
  if (active < maxConcurrent && waiting === 0) return 'A slot is free: it starts at once.'
  return `All slots are taken: it waits about ${inWords(estimatedWait)}.`
}
