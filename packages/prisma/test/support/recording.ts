import type { PrismaLike, RawClient } from '@genqueue/prisma'

/** A statement as it was sent to the client. */
export interface Sent {
  readonly sql: string
  readonly values: readonly unknown[]
}

export interface Recording {
  readonly client: PrismaLike
  /** Everything sent so far, also from within transactions. */
  readonly sent: Sent[]
  /** How often each way of the client was taken. */
  readonly calls: { queries: number; executions: number; transactions: number }
  forget(): void
}

/** The same client, which remembers what is sent through it. `before` sees a query before the database does. */
export function recording(
  client: PrismaLike,
  before: (query: Sent) => Promise<void> = async () => {},
): Recording {
  const sent: Sent[] = []
  const calls = { queries: 0, executions: 0, transactions: 0 }
  const remembering = (inner: RawClient): RawClient => ({
    $queryRawUnsafe: async (sql, ...values) => {
      calls.queries += 1
      sent.push({ sql, values })
      await before({ sql, values })
      return inner.$queryRawUnsafe(sql, ...values)
    },
    $executeRawUnsafe: (sql, ...values) => {
      calls.executions += 1
      sent.push({ sql, values })
      return inner.$executeRawUnsafe(sql, ...values)
    },
  })
  const { _activeProvider } = client as { _activeProvider?: unknown }
  const outer = {
    ...remembering(client),
    _activeProvider,
    $transaction: <Result>(
      body: (transaction: RawClient) => Promise<Result>,
      options?: Parameters<PrismaLike['$transaction']>[1],
    ) => {
      calls.transactions += 1
      return client.$transaction((transaction) => body(remembering(transaction)), options)
    },
  }
  return {
    client: outer,
    sent,
    calls,
    forget() {
      sent.length = 0
      Object.assign(calls, { queries: 0, executions: 0, transactions: 0 })
    },
  }
}
