import { useMemo, useSyncExternalStore } from 'react'
import { type GenerationStatus, type PollState, StatusPoller } from './status-poller.js'

export interface UseGenerationOptions {
  /** Where createQueueHandler is served. Default `/api/queue`. */
  readonly basePath?: string | undefined
  /** Between two looks when the server proposes no time. Default 3,000. */
  readonly intervalMs?: number | undefined
}

export interface UseGeneration {
  /** null until the first answer, and without a queueId. */
  readonly status: GenerationStatus['status'] | null
  /** 1 = next; null when it does not wait. */
  readonly position: number | null
  /** Whole seconds until it starts; null when it does not wait. */
  readonly estimatedWait: number | null
  /** 0 to 1, as its handler reports it. */
  readonly progress: number | null
  /** The resultUrl, once there is one. */
  readonly result: string | null
  /** Why the generation failed, or why its status could not be read. */
  readonly error: string | null
  /** Rejects with the server's words when it refuses. */
  cancel(): Promise<void>
  refresh(): Promise<void>
}

const INTERVAL_MS = 3_000
const EMPTY: PollState = { generation: null, error: null }
const emptyState = () => EMPTY
const neverChanges = () => () => {}
const nothingToDo = async () => {}

/**
 * Follows a generation: polls as often as the server proposes, stops when it has settled, rests while the page is hidden.
 * Several components that ask for the same one each poll for themselves.
 */
export function useGeneration(
  queueId: number | null | undefined,
  { basePath = '/api/queue', intervalMs = INTERVAL_MS }: UseGenerationOptions = {},
): UseGeneration {
  const poller = useMemo(
    () =>
      queueId === null || queueId === undefined
        ? null
        : new StatusPoller(queueId, {
            statusPath: `${basePath}/status`,
            cancelPath: `${basePath}/cancel`,
            intervalMs,
          }),
    [queueId, basePath, intervalMs],
  )
  const { generation, error } = useSyncExternalStore(
    poller?.subscribe ?? neverChanges,
    poller?.getState ?? emptyState,
    // On the server nothing is known yet, and the first render in the browser must agree with it.
    emptyState,
  )
  return {
    status: generation?.status ?? null,
    position: generation?.position ?? null,
    estimatedWait: generation?.estimatedWait ?? null,
    progress: generation?.progress ?? null,
    result: generation?.resultUrl ?? null,
    error: generation?.errorMessage ?? error?.message ?? null,
    cancel: poller?.cancel ?? nothingToDo,
    refresh: poller?.refresh ?? nothingToDo,
  }
}
