export { toNextHandlers } from './next-handlers.js'
export {
  createQueueWorker,
  type QueuedGeneration,
  type QueueWorker,
  type QueueWorkerOptions,
} from './queue-worker.js'
