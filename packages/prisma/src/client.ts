import { StorageError } from '@genqueue/core'
import { PROVIDERS, type Provider } from './schema/tables.js'

/** What genqueue uses of a client, inside a transaction too: raw statements with values beside them. */
export interface RawClient {
  $queryRawUnsafe<Result = unknown>(sql: string, ...values: unknown[]): PromiseLike<Result>
  $executeRawUnsafe(sql: string, ...values: unknown[]): PromiseLike<number>
}

/** The same with transactions of its own: a generated client of Prisma 6 or 7, extended or not. */
export interface PrismaLike extends RawClient {
  $transaction<Result>(
    body: (transaction: RawClient) => Promise<Result>,
    options?: TransactionOptions,
  ): Promise<Result>
}

export interface TransactionOptions {
  readonly maxWait?: number
  readonly timeout?: number
  readonly isolationLevel?: 'ReadCommitted' | 'Serializable'
}

const isProvider = (value: unknown): value is Provider => PROVIDERS.some((provider) => provider === value)

/** The database behind the client: as named, or as the client says itself. */
export function providerOf(client: RawClient, named: Provider | undefined): Provider {
  // Private, but the same in Prisma 6 and 7 and the only place where a client says it.
  const own = (client as { _activeProvider?: unknown })._activeProvider
  const provider = named ?? own
  if (isProvider(provider)) return provider
  const choice = PROVIDERS.map((name) => `"${name}"`).join(', ')
  throw new StorageError(
    provider === undefined
      ? `prismaStorage: the client does not say which database it speaks to; pass { provider: ${choice} }`
      : `prismaStorage: provider ${JSON.stringify(provider)} is not supported; use one of ${choice}`,
    { transient: false },
  )
}
