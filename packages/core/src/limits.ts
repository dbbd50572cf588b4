import { z } from 'zod'
import type { Engine } from './engine.js'
import { GenqueueError } from './errors.js'
import type { Limit } from './generation.js'
import { readInput } from './schemas/input.js'
import type { Settings } from './settings.js'
import type { LimitItem } from './storage.js'

export interface LimitPatch {
  /** 1 to limitMax (default 50). */
  readonly maxConcurrent?: number | undefined
  readonly modelType?: string | undefined
  /** true: nothing of this model starts until it is resumed; what runs goes on. */
  readonly paused?: boolean | undefined
}

export interface Limits {
  /** Creates the limits that are missing; never overwrites one. Runs by itself before the first command. */
  initialize(): Promise<readonly Limit[]>
  /** All models by id. */
  list(): Promise<readonly Limit[]>
  get(modelId: string): Promise<Limit | null>
  /** Edits a limit, or creates it (then maxConcurrent is needed). Throws VALIDATION. */
  set(modelId: string, patch: LimitPatch): Promise<Limit>
}

/** The default limits as items that create what is missing and touch nothing else. */
export const missingLimits = ({ models }: Settings): LimitItem[] =>
  models.map(({ modelId, modelType, maxConcurrent }) => ({
    modelId,
    modelType: null,
    maxConcurrent: null,
    paused: null,
    onlyIfMissing: true,
    defaults: { modelType, maxConcurrent },
  }))

export function createLimits(engine: Engine): Limits {
  const { settings } = engine
  const { limitMax, sizes } = settings
  const idSchema = z.string().min(1).max(sizes.idLength)
  const patchSchema = z.strictObject({
    maxConcurrent: z
      .int('maxConcurrent must be a whole number')
      .min(1, 'maxConcurrent must be 1 or more; pause the model to stop it')
      .max(limitMax, `maxConcurrent must be at most ${limitMax} (limitMax of createQueue)`)
      .optional(),
    modelType: idSchema.optional(),
    paused: z.boolean().optional(),
  })
  const list = () => engine.call((s) => s.limits())
  const get = async (modelId: string) => {
    const id = readInput('limits.get', idSchema, modelId)
    return (await list()).find((limit) => limit.modelId === id) ?? null
  }
  return {
    list,
    get,
    async initialize() {
      await engine.call((s) => s.limit({ items: missingLimits(settings), ...engine.at() }))
      return list()
    },
    async set(modelId, patch) {
      const id = readInput('limits.set', idSchema, modelId)
      const { maxConcurrent, modelType, paused } = readInput('limits.set', patchSchema, patch)
      if (maxConcurrent === undefined && (await get(id)) === null) {
        throw new GenqueueError(
          'VALIDATION',
          `limits.set: "${id}" is a new model, so maxConcurrent is needed`,
        )
      }
      const item: LimitItem = {
        modelId: id,
        modelType: modelType ?? null,
        maxConcurrent: maxConcurrent ?? null,
        paused: paused ?? null,
        onlyIfMissing: false,
        defaults: { modelType: 'image', maxConcurrent: maxConcurrent ?? 1 },
      }
      const [limit] = await engine.call((s) => s.limit({ items: [item], ...engine.at() }))
      engine.wake(id)
      engine.events.emit('limitChanged', limit as Limit)
      return limit as Limit
    },
  }
}
