export { createQueueHandler, type QueueHandler } from './handler.js'
export type { Caller, Identify, QueueHandlerOptions } from './settings.js'
