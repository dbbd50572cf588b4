import { registerWorker } from '@genqueue/next'
import { generate } from './generate'
import { queue } from './queue-worker'

/**
 * The one worker of this process. instrumentation.ts starts it; Next does not run that again after a hot reload, so the
 * route that generates calls it too: no second worker starts, and the running one works by the code as it is now.
 */
export const startWorker = () => registerWorker(queue, generate)
