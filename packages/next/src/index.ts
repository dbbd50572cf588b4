export { type After, drainAfter } from './drain-after.js'
export { toNextHandlers } from './next-handlers.js'
export { processWide } from './process-wide.js'
export {
  createQueueWorker,
  type QueuedGeneration,
  type QueueWorker,
  type QueueWorkerOptions,
} from './queue-worker.js'
export { type RegisterWorkerOptions, registerWorker } from './register-worker.js'
