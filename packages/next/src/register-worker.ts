import type { Handler, Queue, Worker, WorkerOptions } from '@genqueue/core'

const KEY = Symbol.for('genqueue.next.worker')

interface Registered {
  handler: Handler
  readonly worker: Worker
}

type Holder = { [KEY]?: Registered | undefined }

export interface RegisterWorkerOptions extends WorkerOptions {
  /** How long running generations may go on when the process is told to stop, in milliseconds. Default 10,000. */
  readonly stopTimeoutMs?: number
}

const STOP_TIMEOUT_MS = 10_000

/**
 * One worker for this process, for `register()` of instrumentation.ts: started once however often this is called, none at
 * build time and none on the edge. The running worker uses the latest handler that was given. Answers the worker, or null
 * where there is none.
 */
export function registerWorker(
  queue: Queue,
  handler: Handler,
  { stopTimeoutMs = STOP_TIMEOUT_MS, ...options }: RegisterWorkerOptions = {},
): Worker | null {
  if (process.env.NEXT_PHASE === 'phase-production-build') return null
  if (process.env.NEXT_RUNTIME !== undefined && process.env.NEXT_RUNTIME !== 'nodejs') return null
  const holder = globalThis as Holder
  const known = holder[KEY]
  if (known !== undefined) {
    known.handler = handler
    return known.worker
  }
  const registered: Registered = {
    handler,
    worker: queue.worker((generation, context) => registered.handler(generation, context), options),
  }
  holder[KEY] = registered
  registered.worker.on('closed', () => {
    if (holder[KEY] === registered) holder[KEY] = undefined
  })
  const stop = () => void registered.worker.close({ timeoutMs: stopTimeoutMs })
  process.once('SIGTERM', stop)
  registered.worker.on('closed', () => process.off('SIGTERM', stop))
  return registered.worker.start()
}
