import { useGenerate } from '@genqueue/next/react'
import { type FormEvent, type KeyboardEvent, useState } from 'react'
import type { Model } from '@/lib/overview'
import { DiceIcon, SparkIcon } from './icons'
import { nextIdea } from './ideas'
import { ModelPicker } from './model-picker'
import { inWords } from './times'

interface Props {
  readonly models: readonly Model[]
  /** Tickets. */
  readonly available: number
  readonly prompt: string
  readonly onPrompt: (prompt: string) => void
  readonly onSent: () => Promise<void>
}

interface Order {
  readonly prompt: string
  readonly model: string
  /** A click that is sent twice asks for one picture. */
  readonly idempotencyKey: string
}

const PROMPT_LETTERS_MAX = 2_000
/** Where it begins to matter how many are left. */
const PROMPT_LETTERS_TOLD = 1_600

export function Composer({ models, available, prompt, onPrompt, onSent }: Props) {
  const [model, setModel] = useState('flux-2-pro')
  const { generate, isPending, error, reset } = useGenerate<Order>({ url: '/api/generate-safe' })
  const send = async (event: FormEvent) => {
    event.preventDefault()
    const answer = await generate({ prompt, model, idempotencyKey: crypto.randomUUID() })
    if (answer !== null) {
      // Its card follows it from here on.
      reset()
      onPrompt('')
    }
    await onSent()
  }
  const sendByKeys = (event: KeyboardEvent<HTMLTextAreaElement>) => {
    if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) event.currentTarget.form?.requestSubmit()
  }
  return (
    <form className="panel composer" onSubmit={send} aria-label="New picture">
      <div className="line">
        <label htmlFor="prompt">What should it show?</label>
        <button type="button" className="quiet-button" onClick={() => onPrompt(nextIdea(prompt))}>
          <DiceIcon /> Surprise me
        </button>
      </div>
      <textarea
        id="prompt"
        required
        maxLength={PROMPT_LETTERS_MAX}
        rows={4}
        value={prompt}
        onChange={(event) => onPrompt(event.target.value)}
        onKeyDown={sendByKeys}
        placeholder="A lighthouse above a stormy sea at dusk"
      />
      {prompt.length > PROMPT_LETTERS_TOLD && (
        <p className="quiet small">{PROMPT_LETTERS_MAX - prompt.length} letters left</p>
      )}
      <ModelPicker models={models} chosen={model} onChoose={setModel} />
      <Outlook model={models.find(({ modelId }) => modelId === model)} available={available} />
      <button type="submit" className="go" disabled={isPending || available < 1}>
        <SparkIcon /> Generate <span>1 ticket</span>
      </button>
      {error !== null && <p role="alert">{error}</p>}
    </form>
  )
}

/** What happens to what is sent now. */
function Outlook({ model, available }: { readonly model: Model | undefined; readonly available: number }) {
  if (available < 1)
    return <p role="alert">You have no tickets left. An admin can grant you more under Queue management.</p>
  if (model === undefined) return null
  const { paused, active, maxConcurrent, waiting, estimatedWait } = model
  const [light, text] = paused
    ? ['paused', 'Paused by an admin: what you send waits.']
    : active < maxConcurrent && waiting === 0
      ? ['free', 'A slot is free: it starts at once.']
      : ['taken', `All slots are taken: it waits about ${inWords(estimatedWait)}.`]
  return (
    <p className="outlook" data-light={light}>
      {text}
    </p>
  )
}
