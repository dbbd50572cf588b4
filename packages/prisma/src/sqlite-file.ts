import type { RawClient } from './client.js'
import { failureKind } from './failure.js'

const known = new WeakMap<RawClient, Promise<unknown>>()

/** The file that a client of SQLite has open, by its path; the client itself for what no other can have open. */
export function sqliteFileOf(client: RawClient): Promise<unknown> {
  const asked = known.get(client) ?? ask(client)
  known.set(client, asked)
  return asked
}

async function ask(client: RawClient): Promise<unknown> {
  try {
    const [row] = await client.$queryRawUnsafe<{ file: unknown }[]>(
      `SELECT "file" FROM pragma_database_list WHERE "name" = 'main'`,
    )
    return typeof row?.file === 'string' && row.file !== '' ? row.file : client
  } catch (error) {
    // A server that does not tell will not tell later; what is out of reach may.
    if (failureKind(error) !== 'broken') known.delete(client)
    return client
  }
}
