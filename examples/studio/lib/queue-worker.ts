import { createQueue, type Queue } from '@genqueue/core'
import { createQueueWorker } from '@genqueue/next'
import { processWide } from './process-wide'
import { openStorage } from './storage'

/** The one queue of this process, with the guide's nine models. */
export const queue: Queue = processWide('queue', () => createQueue({ storage: openStorage() }))

export const {
  canProcessGeneration,
  queueGeneration,
  startProcessing,
  completeGeneration,
  failGeneration,
  generateOrQueue,
} = processWide('queue-worker', () => createQueueWorker(queue))
