import pg from 'pg'

const url = process.env.DATABASE_URL ?? 'postgresql://postgres@127.0.0.1:5432/postgres'

async function onServer<Row extends pg.QueryResultRow>(sql: string): Promise<Row[]> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    return (await client.query<Row>(sql)).rows
  } finally {
    await client.end()
  }
}

const mine = new Set<string>()

/** The server waits some seconds for sessions that are about to end; `force` ends them, which their owners may not expect. */
async function drop(name: string, force: boolean): Promise<void> {
  await onServer(`DROP DATABASE IF EXISTS ${name}${force ? ' WITH (FORCE)' : ''}`)
  mine.delete(name)
}

/** An empty database of our own, and how to be rid of it. */
export interface OwnDatabase {
  readonly url: string
  drop(): Promise<void>
}

export async function createDatabase(): Promise<OwnDatabase> {
  const name = `genqueue_bench_${process.pid}_${Math.random().toString(36).slice(2)}`
  mine.add(name)
  await onServer(`CREATE DATABASE ${name}`)
  const own = new URL(url)
  own.pathname = name
  return { url: own.href, drop: () => drop(name, false) }
}

/** Who stops a bench in the middle finds no databases left. */
export function dropOnInterrupt(): void {
  process.once('SIGINT', () => {
    // The contenders' connections end with their database, and some of them have nobody to tell.
    process.on('uncaughtException', () => {})
    void Promise.allSettled([...mine].map((name) => drop(name, true))).then(() => process.exit(130))
  })
}

/** Version and what its durability was set to. */
export async function describeServer(): Promise<string> {
  const [row] = await onServer<Record<'server_version' | 'fsync' | 'synchronous_commit', string>>(
    `SELECT current_setting('server_version') AS server_version, current_setting('fsync') AS fsync,
       current_setting('synchronous_commit') AS synchronous_commit`,
  )
  return `PostgreSQL ${row?.server_version.split(' ')[0]}, fsync ${row?.fsync}, synchronous_commit ${row?.synchronous_commit}`
}
