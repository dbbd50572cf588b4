import { type Connection, defineQueue, defineWorker } from 'plainjob'
import type { Subject } from '../contender.js'
import { requestOf } from '../work.js'

const TYPE = 'generate'

/** What is used here of node:sqlite, which came with Node 22 and is not in the types of 20. */
interface Sqlite {
  readonly DatabaseSync: new (
    path: string,
  ) => {
    exec(sql: string): void
    prepare(sql: string): ReturnType<Connection['prepare']>
    close(): void
  }
}

// Node before 20.16 has no such call.
const nodeSqlite = () => process.getBuiltinModule?.('node:sqlite') as Sqlite | undefined

export const canRunPlainjob = (): boolean => nodeSqlite() !== undefined

/** It is made for better-sqlite3, which has to be compiled; Node's own SQLite does the same behind the same few calls. */
function connect(path: string): Connection {
  const sqlite = nodeSqlite()
  if (sqlite === undefined) throw new Error(`this node, ${process.version}, has no node:sqlite`)
  const database = new sqlite.DatabaseSync(path)
  const transaction =
    (begin: string) =>
    <Arguments extends unknown[], Result>(body: (...args: Arguments) => Result) =>
    (...args: Arguments): Result => {
      database.exec(begin)
      try {
        const result = body(...args)
        database.exec('COMMIT')
        return result
      } catch (error) {
        database.exec('ROLLBACK')
        throw error
      }
    }
  return {
    driver: 'better-sqlite3',
    filename: path,
    pragma: (sql) => database.exec(`PRAGMA ${sql}`),
    exec: (sql) => database.exec(sql),
    prepare: (sql) => database.prepare(sql),
    transaction: (body) =>
      Object.assign(transaction('BEGIN')(body), { immediate: transaction('BEGIN IMMEDIATE')(body) }),
    close: () => database.close(),
  }
}

const quiet = { error: () => {}, warn: () => {}, info: () => {}, debug: () => {} }

/** Its calls are synchronous, and its worker runs one job after the other: there is nothing to have under way. */
export async function openPlainjob(path: string): Promise<Subject> {
  const queue = defineQueue({ connection: connect(path), logger: quiet })
  return {
    add: async (n) => queue.add(TYPE, requestOf(n)),
    addMany: async (jobs) => queue.addMany(TYPE, jobs.map(requestOf)),
    async prepare({ started, done }) {
      const worker = defineWorker(TYPE, started, { queue, logger: quiet, onCompleted: done })
      let running: Promise<void> | undefined
      return {
        begin() {
          running = worker.start()
        },
        async stop() {
          await worker.stop()
          await running
        },
      }
    },
    close: async () => queue.close(),
  }
}
