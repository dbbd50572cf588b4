import { renderPicture } from './render/index.js'
import { createRandom, hashText, type Random } from './render/random.js'

/** A model of the demo: how long it takes and how often it fails. */
export interface DemoModel {
  readonly modelId: string
  readonly modelType: string
  readonly maxConcurrent: number
  readonly runMs: number
  readonly ticketCost: number
}

export const DEMO_MODELS: readonly DemoModel[] = [
  { modelId: 'nano-banana', modelType: 'image', maxConcurrent: 3, runMs: 1_200, ticketCost: 1 },
  { modelId: 'flux-2-pro', modelType: 'image', maxConcurrent: 2, runMs: 1_600, ticketCost: 2 },
  { modelId: 'flash-scanner-v2.5', modelType: 'image', maxConcurrent: 4, runMs: 700, ticketCost: 1 },
  { modelId: 'kling-1.6', modelType: 'video', maxConcurrent: 2, runMs: 2_400, ticketCost: 3 },
]

/** What providers' errors look like to genqueue. */
export class ProviderError extends Error {
  override readonly name = 'ProviderError'
  readonly retryable: boolean
  readonly retryAfterMs: number | undefined

  constructor(message: string, hints: { retryable: boolean; retryAfterMs?: number }) {
    super(message)
    this.retryable = hints.retryable
    this.retryAfterMs = hints.retryAfterMs
  }
}

export interface ProviderCall {
  readonly queueId: number
  readonly modelId: string
  readonly prompt: string
  readonly attempt: number
  readonly signal: AbortSignal
  readonly progress: (fraction: number) => void
}

/** Watches from outside the library how many calls of each model are under way. */
export class Observer {
  readonly running = new Map<string, number>()
  readonly peak = new Map<string, number>()

  enter(modelId: string): void {
    const running = (this.running.get(modelId) ?? 0) + 1
    this.running.set(modelId, running)
    this.peak.set(modelId, Math.max(this.peak.get(modelId) ?? 0, running))
  }

  leave(modelId: string): void {
    this.running.set(modelId, (this.running.get(modelId) ?? 0) - 1)
  }
}

const STEPS = 5

/** Stands in for a provider: its run times and failures are drawn from the seed, its pictures by our own renderer. */
export function createProvider(observer: Observer, seed: number) {
  return async (call: ProviderCall): Promise<Uint8Array> => {
    const { modelId, prompt, queueId, attempt, signal, progress } = call
    const model = DEMO_MODELS.find((m) => m.modelId === modelId) as DemoModel
    const random = createRandom(hashText(`${seed}/${queueId}/${attempt}`))
    const runMs = model.runMs * (0.6 + 0.5 * random() + 0.5 * random() ** 4)
    observer.enter(modelId)
    try {
      const failure = drawFailure(random)
      for (let step = 1; step <= STEPS; step++) {
        await pause(runMs / STEPS, signal)
        if (failure !== null && step === 2) throw failure
        progress(step / STEPS)
      }
      return renderPicture({ prompt, seed: seed + queueId, modelId })
    } finally {
      observer.leave(modelId)
    }
  }
}

function drawFailure(random: Random): ProviderError | null {
  const lot = random()
  if (lot < 0.05) return new ProviderError('429: too many requests', { retryable: true, retryAfterMs: 400 })
  if (lot < 0.09) return new ProviderError('502: the provider is overloaded', { retryable: true })
  if (lot < 0.11) return new ProviderError('400: refused by the content policy', { retryable: false })
  return null
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) return reject(signal.reason)
    const timer = setTimeout(() => {
      signal.removeEventListener('abort', stop)
      resolve()
    }, ms)
    const stop = () => {
      clearTimeout(timer)
      reject(signal.reason)
    }
    signal.addEventListener('abort', stop, { once: true })
  })
}
