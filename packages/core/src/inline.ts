import type { Engine } from './engine.js'
import type { Json } from './generation.js'
import type { Producer, Submission } from './produce.js'
import type { Handler, RunReport } from './run.js'
import { createRunner } from './runner.js'
import type { GenerationRequest } from './schemas/request.js'
import { decodeJson } from './schemas/request.js'
import { readHandler } from './worker.js'

export type RunOutcome =
  | {
      readonly status: 'completed'
      readonly queueId: number
      readonly resultUrl: string | null
      readonly output: Json
    }
  | { readonly status: 'failed'; readonly queueId: number; readonly error: unknown }
  /** Cancelled, or taken over, while it ran here. */
  | { readonly status: 'lost'; readonly queueId: number; readonly error: unknown }
  /** It waits, or is a duplicate of one that someone else runs or that has settled. */
  | Exclude<Submission, { readonly duplicate: false; readonly lease: object }>

/** Submits, and when a slot is free runs the handler here and now. A failure is final: its user sees it at once. */
export async function runInline(
  engine: Engine,
  producer: Producer,
  request: GenerationRequest,
  handler: Handler,
): Promise<RunOutcome> {
  const checked = readHandler('run', handler)
  const submission = await producer.submit(request)
  if (submission.status !== 'processing' || submission.lease === null) {
    return submission as Exclude<RunOutcome, { status: 'failed' | 'lost' }>
  }
  const { queueId, lease } = submission
  const [row] = await engine.call((s) => s.get([queueId]))
  // Cancelled and cleared in between: nothing is left to run.
  if (row == null || row.leaseToken !== lease.token) return { status: 'lost', queueId, error: null }
  const runner = createRunner(engine, checked)
  try {
    const run = new Promise<RunReport>((resolve) => runner.run(row, resolve, false))
    const { end, result, error } = await run
    if (end === 'completed' && result !== null) {
      return { status: 'completed', queueId, resultUrl: result.resultUrl, output: decodeJson(result.output) }
    }
    return end === 'failed' ? { status: 'failed', queueId, error } : { status: 'lost', queueId, error }
  } finally {
    runner.stop()
  }
}
