import type { Harness, Runner } from '@genqueue/core/testing'
import { migrate, prismaStorage } from '@genqueue/prisma'
import { describe, it } from 'vitest'
import { emptyTables, type TestClient, type TestDatabase } from './databases.js'

/** One database for all cases of a suite, emptied before each; two clients on it, made when first asked for. */
export function harnessOn(name: string, database: () => TestDatabase): Harness {
  let client: TestClient | undefined
  let other: TestClient | undefined
  return {
    name,
    async create() {
      if (client === undefined) {
        client = await database().connect()
        await migrate(client)
      }
      await emptyTables(client, database().provider)
      const storage = prismaStorage(client)
      return {
        storage,
        async another() {
          other ??= await database().connect()
          return prismaStorage(other)
        },
        destroy: () => storage.close(),
      }
    },
  }
}

/** For many runs in one test: a busy machine may take long over them. */
export const patiently: Runner = { describe, it: (name, run) => it(name, run, 180_000) }
