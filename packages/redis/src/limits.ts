import type { Limit, LimitCommand } from '@genqueue/core'
import type { Caller } from './link.js'
import { packer } from './pack.js'
import type { Unpacker } from './unpack.js'

export async function limit(caller: Caller, { at, items }: LimitCommand): Promise<Limit[]> {
  if (items.length === 0) return []
  packer
    .begin(2)
    .numberOrNone(at ?? null)
    .list(items.length)
  for (const { modelId, modelType, maxConcurrent, paused, onlyIfMissing, defaults } of items) {
    packer.list(7).text(modelId).textOrNone(modelType).numberOrNone(maxConcurrent)
    packer.numberOrNone(paused === null ? null : Number(paused)).number(Number(onlyIfMissing))
    packer.text(defaults.modelType).number(defaults.maxConcurrent)
  }
  const { values } = await caller.call('limit', [packer.take()])
  values.list()
  return items.map(({ modelId }) => readLimit(modelId, values))
}

export async function limits(caller: Caller): Promise<Limit[]> {
  const { values } = await caller.call('limits', [packer.begin(0).take()])
  const all: Limit[] = []
  for (let left = values.list(); left > 0; left -= 6) all.push(readLimit(values.text(), values))
  return all.sort((a, b) => (a.modelId < b.modelId ? -1 : 1))
}

export function readLimit(modelId: string, values: Unpacker): Limit {
  const modelType = values.text()
  const maxConcurrent = values.number()
  const paused = values.number() === 1
  const updatedAt = values.number()
  return { modelId, modelType, maxConcurrent, paused, active: values.number(), updatedAt }
}
