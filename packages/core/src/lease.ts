import { GenqueueError } from './errors.js'

/** The right to run one generation until `expiresAt` (epoch milliseconds); renew it by heartbeat. */
export interface Lease {
  readonly queueId: number
  /** The fence: keep it secret, whoever has it may settle the generation. */
  readonly token: string
  readonly expiresAt: number
  /** 1 for the first attempt. */
  readonly attempt: number
}

/** A lease, or its token alone. */
export type LeaseLike = Pick<Lease, 'token'> | string

const TOKEN_LENGTH_MAX = 191

export function readToken(method: string, lease: unknown): string {
  const token = typeof lease === 'object' && lease !== null ? (lease as { token?: unknown }).token : lease
  if (typeof token === 'string' && token.length > 0 && token.length <= TOKEN_LENGTH_MAX) return token
  throw new GenqueueError(
    'VALIDATION',
    `${method}: lease must be the lease that the claim gave, or its token`,
  )
}
