import type {
  Generation,
  GenerationRequest,
  GenerationResult,
  GenerationStatus,
  Handler,
  Lease,
  Queue,
  RunOutcome,
} from '@genqueue/core'

/** The functions of the implementation guide, by their documented names. */
export interface QueueWorker {
  /** Whether a generation of this model may start now: a slot is free and nobody waits for it. */
  canProcessGeneration(modelId: string): Promise<boolean>
  /** Reserves the tickets and queues it; throws INSUFFICIENT_TICKETS. */
  queueGeneration(request: GenerationRequest): Promise<QueuedGeneration>
  /** Takes the slot; the lease is kept and renewed until it is settled here, at most `holdMs`. */
  startProcessing(queueId: number): Promise<Lease>
  completeGeneration(queueId: number, result: string | GenerationResult): Promise<Generation>
  /** Failed for good: the tickets go back. */
  failGeneration(queueId: number, error: unknown): Promise<Generation>
  cancelGeneration(queueId: number, reason?: string): Promise<Generation>
  retryGeneration(queueId: number): Promise<Generation>
  getQueueStatus(queueId: number): Promise<GenerationStatus>
  /** The safe form in one call: runs `generate` here when a slot is free, queues it otherwise. */
  generateOrQueue(request: GenerationRequest, generate: Handler): Promise<RunOutcome>
}

export interface QueuedGeneration {
  readonly queueId: number
  /** 1 = next. */
  readonly position: number
  /** Whole seconds. */
  readonly estimatedWait: number
}

export interface QueueWorkerOptions {
  /**
   * How long a started generation may go without being settled before its lease is let go, in milliseconds: an
   * endpoint that forgot to settle must not hold its slot for ever. Default 15 minutes.
   */
  readonly holdMs?: number
}

const HOLD_MS = 15 * 60_000

/** Wraps a queue in the documented functions; one per process, beside the queue. */
export function createQueueWorker(queue: Queue, { holdMs = HOLD_MS }: QueueWorkerOptions = {}): QueueWorker {
  const held = createHeldLeases(queue, holdMs)

  const settling = async (queueId: number, settle: (lease: Lease | undefined) => Promise<Generation>) => {
    // Without a lease of ours (a webhook, another process) the generation's status alone decides.
    const generation = await settle(held.get(queueId))
    held.release(queueId)
    return generation
  }

  return {
    canProcessGeneration: (modelId) => queue.canProcess(modelId),
    async queueGeneration(request) {
      const { queueId, position, estimatedWait } = await queue.enqueue(request)
      return { queueId, position, estimatedWait }
    },
    async startProcessing(queueId) {
      const lease = await queue.start(queueId)
      held.keep(lease)
      return lease
    },
    completeGeneration: (queueId, result) =>
      settling(queueId, (lease) => queue.complete(queueId, result, { lease })),
    failGeneration: (queueId, error) => settling(queueId, (lease) => queue.fail(queueId, error, { lease })),
    cancelGeneration: (queueId, reason) => settling(queueId, () => queue.cancel(queueId, { reason })),
    retryGeneration: (queueId) => queue.retry(queueId),
    getQueueStatus: (queueId) => queue.status(queueId),
    generateOrQueue: (request, generate) => queue.run(request, generate),
  }
}

/** Leases remembered at most; the oldest are forgotten, and their settles go by the status alone. */
const HELD_MAX = 10_000

/**
 * The leases of what this process started by hand. One that was lost or let go is no longer renewed, but remembered:
 * a late settle must be fenced by it, or it would pass for a webhook's and settle somebody else's attempt.
 */
function createHeldLeases(queue: Queue, holdMs: number) {
  const held = new Map<number, { lease: Lease; letGo: () => void }>()
  const release = (queueId: number) => {
    held.get(queueId)?.letGo()
    held.delete(queueId)
  }
  return {
    get: (queueId: number) => held.get(queueId)?.lease,
    release,
    keep(lease: Lease) {
      release(lease.queueId)
      const stopKeeping = queue.keepLease(lease)
      const timer = setTimeout(stopKeeping, holdMs)
      // A forgotten generation must not keep a process alive either.
      timer.unref?.()
      const letGo = () => {
        stopKeeping()
        clearTimeout(timer)
      }
      held.set(lease.queueId, { lease, letGo })
      if (held.size > HELD_MAX) release(held.keys().next().value as number)
    },
  }
}
