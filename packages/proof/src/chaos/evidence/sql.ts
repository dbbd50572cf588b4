import { realpathSync } from 'node:fs'
import { createRequire } from 'node:module'
import * as mariadb from 'mariadb'
import pg from 'pg'
import type { Evidence } from './evidence.js'

type Row = Readonly<Record<string, unknown>>
type Ask = (sql: string) => Promise<readonly Row[]>

/** The statements are the same for every database; `name` puts an identifier into its quotes. */
function evidenceOf(ask: Ask, quote: string, close: () => Promise<void>): Evidence {
  const sql = (text: string) => ask(text.replaceAll('"', quote))
  const number = (value: unknown) => (value === null ? null : Number(value))
  const readAccounts = async () =>
    (await sql('SELECT "userId", "balance", "reserved" FROM "Ticket"')).map((row) => ({
      userId: String(row.userId),
      balance: Number(row.balance),
      reserved: Number(row.reserved),
    }))
  return {
    async takenSlots() {
      const rows = await sql(
        `SELECT "id", "modelId", "leaseExpiresAt" FROM "GenerationQueue" WHERE "place" = 'leased'`,
      )
      return rows.map((row) => ({
        queueId: Number(row.id),
        modelId: String(row.modelId),
        leaseUntil: Number(row.leaseExpiresAt),
      }))
    },
    accounts: readAccounts,
    async unfinished() {
      const [row] = await sql(
        `SELECT COUNT(*) AS "left" FROM "GenerationQueue" WHERE "place" IN ('waiting', 'leased')`,
      )
      return Number(row?.left)
    },
    async books() {
      const generations = await sql(
        'SELECT "id", "userId", "idempotencyKey", "modelId", "status" FROM "GenerationQueue"',
      )
      const ledger = await sql('SELECT "userId", "kind", "amount", "queueId", "key" FROM "TicketLedger"')
      const limits = await sql('SELECT "modelId", "currentActive" FROM "ModelConcurrencyLimit"')
      return {
        generations: generations.map((row) => ({
          queueId: Number(row.id),
          userId: String(row.userId),
          key: String(row.idempotencyKey),
          modelId: String(row.modelId),
          status: String(row.status),
        })),
        ledger: ledger.map((row) => ({
          userId: String(row.userId),
          kind: String(row.kind),
          amount: Number(row.amount),
          queueId: number(row.queueId),
          key: row.key === null ? null : String(row.key),
        })),
        accounts: await readAccounts(),
        active: Object.fromEntries(limits.map((row) => [String(row.modelId), Number(row.currentActive)])),
      }
    },
    close,
  }
}

const STATEMENT_MS_MAX = 5_000

export function postgresEvidence(connectionString: string): Evidence {
  const pool = new pg.Pool({ connectionString, max: 2, query_timeout: STATEMENT_MS_MAX })
  pool.on('error', () => {})
  return evidenceOf(
    async (sql) => (await pool.query<Row>(sql)).rows,
    '"',
    () => pool.end(),
  )
}

export function mariadbEvidence(port: number, database: string): Evidence {
  const pool = mariadb.createPool({
    host: '127.0.0.1',
    port,
    user: 'root',
    database,
    connectionLimit: 2,
    acquireTimeout: STATEMENT_MS_MAX,
  })
  return evidenceOf(
    (sql) => pool.query<Row[]>(sql),
    '`',
    () => pool.end(),
  )
}

interface Libsql {
  createClient(options: { url: string }): {
    execute(sql: string): Promise<{ rows: Row[] }>
    close(): void
  }
}

/** Through the driver that the Prisma adapter brings. */
export function sqliteEvidence(url: string): Evidence {
  const adapter = realpathSync(createRequire(import.meta.url).resolve('@prisma/adapter-libsql'))
  const { createClient } = createRequire(adapter)('@libsql/client') as Libsql
  const client = createClient({ url })
  return evidenceOf(
    async (sql) => (await client.execute(sql)).rows,
    '"',
    async () => client.close(),
  )
}
