import { GenqueueError, type Handler, type Queue } from '@genqueue/core'

/** Who is calling. */
export interface Caller {
  readonly userId: string
  readonly email?: string | undefined
  /** true: may do everything, whatever the email. */
  readonly admin?: boolean | undefined
}

export type Identify = (request: Request) => Promise<Caller | null> | Caller | null

export interface QueueHandlerOptions {
  /** Tells who is calling from the request's session; null: nobody. There is no default: without it nothing opens. */
  readonly identify: Identify
  /** Emails (compared without regard to case) that are admin. Default: none. */
  readonly adminEmails?: readonly string[] | undefined
  /** Where the routes live. Default `/api/queue`, `/api/admin/queue`, and the admin page at `/admin/queue`. */
  readonly paths?:
    | {
        readonly queue?: string | undefined
        readonly admin?: string | undefined
        readonly page?: string | undefined
      }
    | undefined
  /** Opens the drain route to `Authorization: Bearer SECRET`; at least 16 characters. Default: closed. */
  readonly cronSecret?: string | undefined
  /** Makes a generation; the drain route runs it. Default: closed. */
  readonly handler?: Handler | undefined
  /** Longest the drain route works, in milliseconds. Default 50,000. */
  readonly drainMs?: number | undefined
}

export interface HttpSettings {
  readonly queue: Queue
  readonly identify: Identify
  readonly adminEmails: ReadonlySet<string>
  readonly queuePath: string
  readonly adminPath: string
  readonly pagePath: string
  readonly cronSecret: string | null
  readonly handler: Handler | null
  readonly drainMs: number
  /** Highest limit that may be set through the admin surface. */
  readonly limitMax: number
}

/** What the guide lets an admin choose; a queue may allow less (limitMax of createQueue), and more only to code. */
const ADMIN_LIMIT_MAX = 50
const SECRET_LENGTH_MIN = 16

const invalid = (message: string) => new GenqueueError('VALIDATION', `createQueueHandler: ${message}`)

export function readSettings(queue: Queue, options: QueueHandlerOptions): HttpSettings {
  if (typeof options?.identify !== 'function') {
    throw invalid(
      'identify is needed, a function that tells who is calling; without it every route would be open or useless',
    )
  }
  const { identify, adminEmails = [], paths = {}, cronSecret, handler, drainMs = 50_000 } = options
  if (cronSecret !== undefined && (typeof cronSecret !== 'string' || cronSecret.length < SECRET_LENGTH_MIN)) {
    throw invalid(`cronSecret must have at least ${SECRET_LENGTH_MIN} characters`)
  }
  if (
    !Array.isArray(adminEmails) ||
    adminEmails.some((email) => typeof email !== 'string' || !email.includes('@'))
  ) {
    throw invalid('adminEmails must be a list of emails')
  }
  return {
    queue,
    identify,
    adminEmails: new Set(adminEmails.map((email: string) => email.trim().toLowerCase())),
    queuePath: readPath(paths.queue ?? '/api/queue'),
    adminPath: readPath(paths.admin ?? '/api/admin/queue'),
    pagePath: readPath(paths.page ?? '/admin/queue'),
    cronSecret: cronSecret ?? null,
    handler: handler ?? null,
    drainMs,
    limitMax: Math.min(ADMIN_LIMIT_MAX, queue.limits.max),
  }
}

function readPath(path: string): string {
  if (!/^(\/[\w.~-]+)+$/.test(path)) throw invalid(`a path must look like /api/queue, not "${path}"`)
  return path
}
