/** Every code of the family with the HTTP status that says the same; docs/errors.md has a heading for each. */
export const ERROR_STATUS = {
  VALIDATION: 400,
  UNAUTHENTICATED: 401,
  INSUFFICIENT_TICKETS: 402,
  FORBIDDEN: 403,
  UNKNOWN_MODEL: 404,
  GENERATION_NOT_FOUND: 404,
  INVALID_TRANSITION: 409,
  LEASE_LOST: 409,
  IDEMPOTENCY_CONFLICT: 409,
  LIMIT_REACHED: 409,
  QUEUE_FULL: 429,
  STORAGE_UNAVAILABLE: 503,
  CLOSED: 503,
} as const

export type ErrorCode = keyof typeof ERROR_STATUS

/** The one error that genqueue throws. `code` is stable; the message names the value, the rule and the way out. */
export class GenqueueError extends Error {
  override readonly name = 'GenqueueError'
  readonly code: ErrorCode

  constructor(code: ErrorCode, message: string, options?: { cause?: unknown }) {
    super(message, options)
    this.code = code
  }

  /** HTTP status that says the same. */
  get httpStatus(): number {
    return ERROR_STATUS[this.code]
  }
}

/**
 * Thrown by a storage that is broken or out of reach. `transient`: the same command may be sent again (every
 * command is safe to repeat: admissions by their key, settles by their token).
 */
export class StorageError extends Error {
  override readonly name = 'StorageError'
  readonly transient: boolean

  constructor(message: string, options: { transient: boolean; cause?: unknown }) {
    super(message, { cause: options.cause })
    this.transient = options.transient
  }
}

export const isGenqueueError = (value: unknown): value is GenqueueError =>
  value instanceof Error && value.name === 'GenqueueError' && 'code' in value
