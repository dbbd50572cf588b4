import { createQueueHandler } from '@genqueue/http'
import { toNextHandlers } from '@genqueue/next'
import { ADMIN_EMAILS } from './people'
import { queue } from './queue-worker'
import { identify } from './session'

/** Status, cancel, the admin API and the admin page. */
export const { GET, POST, PUT } = toNextHandlers(
  createQueueHandler(queue, { identify, adminEmails: ADMIN_EMAILS }),
)
