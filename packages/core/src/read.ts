import { z } from 'zod'
import type { Engine } from './engine.js'
import type { GenerationRow } from './generation.js'
import { type Generation, presentGeneration } from './present.js'
import { STATUSES, type Status } from './rules.js'
import { readInput, readQueueId } from './schemas/input.js'
import { createStatusReader, type GenerationStatus } from './status-reader.js'
import type { WaitEstimates } from './waits.js'

export interface ListFilter {
  readonly status?: Status | readonly Status[] | undefined
  readonly modelId?: string | undefined
  readonly userId?: string | undefined
  /** Part of prompt or error message, in any case. */
  readonly text?: string | undefined
  /** From the page before. */
  readonly cursor?: number | null | undefined
  /** 1 to 200; default 50. */
  readonly limit?: number | undefined
}

export interface GenerationPage {
  /** Newest first. */
  readonly generations: readonly Generation[]
  /** null at the end; a page may be short, even empty, and still have one. */
  readonly cursor: number | null
}

export interface Reader {
  /** null when there is none. */
  get(queueId: number): Promise<Generation | null>
  /** Throws GENERATION_NOT_FOUND. */
  status(queueId: number): Promise<GenerationStatus>
  list(filter?: ListFilter): Promise<GenerationPage>
  /** Of at most LIST_PAGE_MAX generations, in order: 1 = next, null when it does not wait. */
  positions(queueIds: readonly number[]): Promise<readonly (number | null)[]>
}

export const LIST_PAGE_MAX = 200
const statusSchema = z.enum(STATUSES as [Status, ...Status[]])
const filterSchema = z
  .strictObject({
    status: z.union([statusSchema, z.array(statusSchema)]).optional(),
    modelId: z.string().min(1).optional(),
    userId: z.string().min(1).optional(),
    text: z.string().max(200).optional(),
    cursor: z.int().min(0).nullish(),
    limit: z.int().min(1).max(LIST_PAGE_MAX).default(50),
  })
  .prefault({})
const idsSchema = z.array(z.int().min(1)).max(LIST_PAGE_MAX)

export function createReader(engine: Engine, waits: WaitEstimates): Reader {
  const statusOf = createStatusReader(engine, waits)
  const read = async (queueId: number): Promise<GenerationRow | null> =>
    (await engine.call((s) => s.get([queueId])))[0] ?? null

  return {
    async get(queueId) {
      const row = await read(readQueueId('get', queueId))
      return row === null ? null : presentGeneration(row)
    },
    async status(queueId) {
      return statusOf(readQueueId('status', queueId))
    },
    async list(filter) {
      const { status, modelId, userId, text, cursor, limit } = readInput('list', filterSchema, filter)
      const { rows, cursor: next } = await engine.call((s) =>
        s.list({
          statuses: status === undefined ? null : typeof status === 'string' ? [status] : status,
          modelId: modelId ?? null,
          userId: userId ?? null,
          text: text === undefined || text === '' ? null : text,
          cursor: cursor ?? null,
          limit,
        }),
      )
      return { generations: rows.map(presentGeneration), cursor: next }
    },
    async positions(queueIds) {
      const ids = readInput('positions', idsSchema, queueIds)
      return engine.call((s) => s.positions({ queueIds: ids, ...engine.at() }))
    },
  }
}
