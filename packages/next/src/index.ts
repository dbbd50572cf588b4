export {
  createQueueWorker,
  type QueuedGeneration,
  type QueueWorker,
  type QueueWorkerOptions,
} from './queue-worker.js'
