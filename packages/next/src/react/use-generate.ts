import { useCallback, useRef, useState } from 'react'
import { refusalOf } from './status-poller.js'
import { type UseGeneration, type UseGenerationOptions, useGeneration } from './use-generation.js'

export interface UseGenerateOptions extends UseGenerationOptions {
  /** Your route that generates or queues. Default `/api/generate`. */
  readonly url?: string | undefined
}

/** What the route answers: the guide's `{ queued, queueId, position }`, or what was generated at once. */
export interface GenerateAnswer {
  readonly queued?: boolean
  readonly queueId?: number
  readonly imageUrl?: string
  readonly resultUrl?: string
}

export interface UseGenerate<Input> {
  /** Posts the input as JSON; resolves with the answer, null when it was refused or a newer call took its place. */
  generate(input: Input): Promise<GenerateAnswer | null>
  /** Follows what was queued. */
  readonly generation: UseGeneration
  readonly queueId: number | null
  /** What was generated, at once or after its turn. */
  readonly result: string | null
  readonly error: string | null
  /** The request is on its way. */
  readonly isPending: boolean
  reset(): void
}

interface Sent {
  readonly answer: GenerateAnswer | null
  readonly error: string | null
  readonly isPending: boolean
}

const NOTHING: Sent = { answer: null, error: null, isPending: false }

/** Posts to your generating route, and follows what it queued. */
export function useGenerate<Input = unknown>(options: UseGenerateOptions = {}): UseGenerate<Input> {
  const { url = '/api/generate', ...following } = options
  const [sent, setSent] = useState(NOTHING)
  const latest = useRef(0)
  const queueId = sent.answer?.queueId ?? null
  const generation = useGeneration(queueId, following)

  const generate = useCallback(
    async (input: Input) => {
      latest.current += 1
      const call = latest.current
      setSent({ ...NOTHING, isPending: true })
      const answered = await post(url, input)
      // A newer call, or a reset, has taken its place.
      if (call !== latest.current) return null
      setSent({ ...answered, isPending: false })
      return answered.answer
    },
    [url],
  )
  const reset = useCallback(() => {
    latest.current += 1
    setSent(NOTHING)
  }, [])
  return {
    generate,
    generation,
    queueId,
    result: sent.answer?.imageUrl ?? sent.answer?.resultUrl ?? generation.result,
    error: sent.error ?? generation.error,
    isPending: sent.isPending,
    reset,
  }
}

async function post(url: string, input: unknown): Promise<Omit<Sent, 'isPending'>> {
  try {
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(input),
    })
    if (!response.ok) return { answer: null, error: (await refusalOf(response)).message }
    return { answer: (await response.json()) as GenerateAnswer, error: null }
  } catch (error) {
    return { answer: null, error: error instanceof Error ? error.message : String(error) }
  }
}
