import { EventEmitter } from 'eventemitter3'
import type { GenqueueError } from './errors.js'
import type { Limit } from './generation.js'

/** What every event about a generation says. `at` is epoch milliseconds of the storage's clock. */
export interface GenerationEvent {
  readonly queueId: number
  readonly userId: string
  readonly modelId: string
  readonly at: number
}

/**
 * The events of one queue object: what was done through it, in this process. For what other processes do,
 * ask the storage.
 */
export interface QueueEvents {
  queued: [event: GenerationEvent & { position: number | null }]
  started: [event: GenerationEvent & { attempt: number }]
  progress: [event: GenerationEvent & { progress: number }]
  completed: [event: GenerationEvent & { resultUrl: string | null; ticketsUsed: number }]
  failed: [event: GenerationEvent & { errorMessage: string | null; ticketsUsed: number }]
  /** Failed, and goes back to the queue for another attempt after `delayMs`. */
  retrying: [event: GenerationEvent & { errorMessage: string | null; attempt: number; delayMs: number }]
  cancelled: [event: GenerationEvent & { reason: string | null }]
  /** Its lease lapsed: back in the queue, or failed when no attempt was left. */
  reclaimed: [event: GenerationEvent & { attempt: number; gaveUp: boolean }]
  limitChanged: [limit: Limit]
  /** What nobody awaits and so could not be thrown at anyone. */
  error: [error: GenqueueError]
}

export type QueueEventName = keyof QueueEvents
export type QueueEmitter = EventEmitter<QueueEvents>

/** Emits without ever failing the operation that it reports: a listener that throws is reported as `error`. */
export interface SafeEmitter {
  readonly emitter: QueueEmitter
  emit<Name extends QueueEventName>(name: Name, ...payload: QueueEvents[Name]): void
  /** Whether building a payload is worth it. */
  heard(name: QueueEventName): boolean
}

export function createEmitter(onListenerError: (error: unknown) => void): SafeEmitter {
  const emitter: QueueEmitter = new EventEmitter<QueueEvents>()
  const untyped = emitter as unknown as { emit(name: string, ...payload: unknown[]): boolean }
  return {
    emitter,
    heard: (name) => emitter.listenerCount(name) > 0,
    emit(name, ...payload) {
      try {
        untyped.emit(name, ...payload)
      } catch (error) {
        onListenerError(error)
      }
    },
  }
}
