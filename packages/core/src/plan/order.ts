import type { GenerationRow } from '../generation.js'

type Ordered = Pick<GenerationRow, 'priority' | 'queuedAt' | 'queueId'>

/** The order of one model's queue: higher priority, then first queued, then lower id. Negative: `a` goes first. */
export function compareWaiting(a: Ordered, b: Ordered): number {
  return b.priority - a.priority || a.queuedAt - b.queuedAt || a.queueId - b.queueId
}
