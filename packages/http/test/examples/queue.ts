import { createQueue } from '@genqueue/core'
import { createQueueHandler } from '@genqueue/http'
import { memoryStorage } from '@genqueue/memory'
import { readSession } from './session.js' // yours

export const queue = createQueue({ storage: memoryStorage() })

export const handler = createQueueHandler(queue, {
  identify: async (request) => {
    const session = await readSession(request)
    return session && { userId: session.userId, email: session.email }
  },
  adminEmails: ['admin@example.com'],
})
