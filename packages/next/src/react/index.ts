'use client'

export { type GenerationStatus, RequestError } from './status-poller.js'
export {
  type GenerateAnswer,
  type UseGenerate,
  type UseGenerateOptions,
  useGenerate,
} from './use-generate.js'
export { type UseGeneration, type UseGenerationOptions, useGeneration } from './use-generation.js'
