import type { z } from 'zod'
import { GenqueueError } from '../errors.js'
import { firstIssue } from './issue.js'

/** Parses one argument of a public method; throws VALIDATION naming the method. */
export function readInput<Output>(method: string, schema: z.ZodType<Output>, value: unknown): Output {
  const parsed = schema.safeParse(value)
  if (parsed.success) return parsed.data
  throw new GenqueueError('VALIDATION', `${method}: ${firstIssue(parsed.error)}`)
}

/** Runs on every settle, so it does not go through zod. */
export function readQueueId(method: string, value: unknown): number {
  if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 1) return value
  throw new GenqueueError('VALIDATION', `${method}: queueId must be a whole number of 1 or more`)
}
