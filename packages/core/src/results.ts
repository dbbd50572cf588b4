import { z } from 'zod'
import type { Engine } from './engine.js'
import { GenqueueError } from './errors.js'
import type { GenerationRow } from './generation.js'
import { BALANCE_MAX } from './plan/post.js'
import { readInput } from './schemas/input.js'
import { encodeJson, isStorableText, trimText, utf8Within } from './schemas/text.js'
import type { Settings } from './settings.js'

/** What a handler may return: the URL of the result, or more. */
export interface GenerationResult {
  readonly resultUrl?: string | undefined
  /** Anything JSON. */
  readonly output?: unknown
  /** How many of the reserved tickets to capture; default all. */
  readonly ticketsUsed?: number | undefined
}

/** A result as an ApplyItem carries it. */
export interface EncodedResult {
  readonly resultUrl: string | null
  readonly output: string | null
  readonly ticketsUsed: number | null
}

export const ticketsUsedSchema = z.int().min(0).max(BALANCE_MAX)
const resultSchema = z.strictObject({
  resultUrl: z.string().nullish(),
  output: z.unknown().optional(),
  ticketsUsed: ticketsUsedSchema.nullish(),
})

/** Checks and encodes a result; throws VALIDATION. */
export function readResult(doing: string, value: unknown, { sizes }: Settings): EncodedResult {
  const result: GenerationResult =
    typeof value === 'string' ? { resultUrl: value } : readResultObject(doing, value)
  const resultUrl = result.resultUrl ?? null
  if (resultUrl !== null && !(isStorableText(resultUrl) && utf8Within(resultUrl, sizes.resultUrlBytes))) {
    throw new GenqueueError(
      'VALIDATION',
      `${doing}: resultUrl must be text of at most ${sizes.resultUrlBytes} bytes; store large results elsewhere and give their address`,
    )
  }
  const output = result.output === undefined ? null : encodeJson('output', result.output, sizes.outputBytes)
  return { resultUrl, output, ticketsUsed: result.ticketsUsed ?? null }
}

/** What a handler made, which used no more tickets than are reserved: it made its picture, the reservation is all it gets. */
export function readMade(engine: Engine, row: GenerationRow, value: unknown): EncodedResult {
  const result = readResult('handler', value, engine.settings)
  const { queueId, ticketCost } = row
  if (result.ticketsUsed === null || result.ticketsUsed <= ticketCost) return result
  if (engine.settings.tickets) {
    const message = `handler: generation ${queueId} used ${result.ticketsUsed} tickets but reserved ${ticketCost}; captured ${ticketCost}`
    engine.report(new GenqueueError('VALIDATION', message), 'ticketsUsed')
  }
  return { ...result, ticketsUsed: ticketCost }
}

function readResultObject(doing: string, value: unknown): GenerationResult {
  if (typeof value !== 'object' || value === null) {
    throw new GenqueueError(
      'VALIDATION',
      `${doing}: the result must be a URL or { resultUrl?, output?, ticketsUsed? }`,
    )
  }
  const { resultUrl, output, ticketsUsed } = readInput(doing, resultSchema, value)
  return { resultUrl: resultUrl ?? undefined, output, ticketsUsed: ticketsUsed ?? undefined }
}

/** The message of whatever was thrown, cut to fit. */
export function errorText(error: unknown, { sizes }: Settings): string {
  const text =
    error instanceof Error
      ? error.message || error.name
      : typeof error === 'string'
        ? error
        : 'failed without a message'
  return trimText(text === '' ? 'failed without a message' : text, sizes.errorMessageLength)
}
