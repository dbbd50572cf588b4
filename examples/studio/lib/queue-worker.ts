import { createQueue, type Queue } from '@genqueue/core'
import { createQueueWorker, processWide } from '@genqueue/next'
import { openStorage } from './storage'

/** The one queue of this process, with the guide's nine models. */
export const queue: Queue = processWide('studio.queue', () => createQueue({ storage: openStorage() }))

export const {
  canProcessGeneration,
  queueGeneration,
  startProcessing,
  completeGeneration,
  failGeneration,
  generateOrQueue,
} = processWide('studio.queue-worker', () => createQueueWorker(queue))
