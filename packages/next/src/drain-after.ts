import type { DrainOptions, Handler, Queue } from '@genqueue/core'

/** Next's `after`, from next/server: runs a task once the response has been sent. */
export type After = (task: () => Promise<unknown>) => void

/**
 * Runs what is queued once this request has been answered: `drainAfter(after, queue, handler)`. For serverless apps
 * without a worker; what it does not get to within its deadline is left to the next request, or to cron.
 */
export function drainAfter(after: After, queue: Queue, handler: Handler, options?: DrainOptions): void {
  after(() => queue.drain(handler, options))
}
