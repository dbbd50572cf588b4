import * as mariadb from 'mariadb'
import { Client } from 'pg'
import type { TestDatabase } from './databases.js'
import type { Sent } from './recording.js'

/** How a database carries a statement out, or would. */
export interface Reading {
  /** Tables that are read from end to end. */
  readonly scanned: readonly string[]
  /** Rows it looked at, by table; where the database counts them and it was carried out. */
  readonly examined: ReadonlyMap<string, number>
  /** By the planner, where it says so. */
  readonly cost: number
}

export interface Explainer {
  /** `carryOut`: for real, and taken back. */
  explain(statement: Sent, carryOut: boolean): Promise<Reading>
  end(): Promise<void>
}

export function explainerOn(database: TestDatabase): Promise<Explainer> {
  if (database.provider === 'postgresql') return postgresExplainer(database.url)
  return database.provider === 'mysql' ? mariadbExplainer(database.url) : sqliteExplainer(database)
}

export const rowsIn = ({ examined }: Reading, tables: readonly string[]): number =>
  tables.reduce((sum, table) => sum + (examined.get(table) ?? 0), 0)

function readingOf(visits: readonly { table: string; all: boolean; rows: number }[], cost = 0): Reading {
  const examined = new Map<string, number>()
  for (const { table, rows } of visits) examined.set(table, (examined.get(table) ?? 0) + rows)
  return { scanned: visits.filter(({ all }) => all).map(({ table }) => table), examined, cost }
}

interface PostgresNode {
  readonly 'Node Type': string
  readonly 'Relation Name'?: string
  readonly 'Total Cost': number
  readonly Plans?: readonly PostgresNode[]
  /** These are averages of its loops. */
  readonly 'Actual Rows'?: number
  readonly 'Rows Removed by Filter'?: number
  readonly 'Rows Removed by Index Recheck'?: number
  readonly 'Actual Loops'?: number
}

const nodesOf = (node: PostgresNode): PostgresNode[] => [node, ...(node.Plans ?? []).flatMap(nodesOf)]

async function postgresExplainer(connectionString: string): Promise<Explainer> {
  const client = new Client({ connectionString })
  await client.connect()
  return {
    end: () => client.end(),
    async explain({ sql, values }, carryOut) {
      await client.query('BEGIN')
      const how = carryOut ? 'ANALYZE, FORMAT JSON' : 'FORMAT JSON'
      const { rows } = await client.query(`EXPLAIN (${how}) ${sql}`, [...values])
      await client.query('ROLLBACK')
      const top = rows[0]['QUERY PLAN'][0].Plan as PostgresNode
      const visits = nodesOf(top)
        .filter((node) => node['Node Type'].endsWith('Scan'))
        .map((node) => ({
          table: node['Relation Name'] ?? '',
          all: node['Node Type'] === 'Seq Scan',
          rows:
            ((node['Actual Rows'] ?? 0) +
              (node['Rows Removed by Filter'] ?? 0) +
              (node['Rows Removed by Index Recheck'] ?? 0)) *
            (node['Actual Loops'] ?? 0),
        }))
      return readingOf(visits, top['Total Cost'])
    },
  }
}

async function mariadbExplainer(url: string): Promise<Explainer> {
  const connection = await mariadb.createConnection(url)
  return {
    end: () => connection.end(),
    async explain({ sql, values }, carryOut) {
      await connection.beginTransaction()
      const how = carryOut ? 'ANALYZE' : 'EXPLAIN'
      const rows: Record<string, string>[] = await connection.query(`${how} FORMAT=JSON ${sql}`, [...values])
      await connection.rollback()
      const visits = objectsIn(JSON.parse(Object.values(rows[0] ?? {})[0] ?? '{}')).flatMap((object) => {
        const { table_name: table, access_type: access, r_rows: averageRows, r_loops: loops } = object
        if (typeof table !== 'string' || typeof access !== 'string') return []
        // Made by the statement itself, out of what it has read.
        if (table.startsWith('<')) return []
        return [{ table, all: access === 'ALL', rows: Number(averageRows ?? 0) * Number(loops ?? 0) }]
      })
      return readingOf(visits)
    },
  }
}

function objectsIn(value: unknown): Record<string, unknown>[] {
  if (Array.isArray(value)) return value.flatMap(objectsIn)
  if (typeof value !== 'object' || value === null) return []
  return [value as Record<string, unknown>, ...Object.values(value).flatMap(objectsIn)]
}

async function sqliteExplainer(database: TestDatabase): Promise<Explainer> {
  const client = await database.connect()
  return {
    end: () => client.$disconnect(),
    async explain({ sql, values }) {
      const steps = await client.$queryRawUnsafe<{ detail: string }[]>(`EXPLAIN QUERY PLAN ${sql}`, ...values)
      const visits = steps.flatMap(({ detail }) => {
        const [, how, table] = /^(SCAN|SEARCH) (\w+)/.exec(detail) ?? []
        return table === undefined ? [] : [{ table, all: how === 'SCAN', rows: 0 }]
      })
      return readingOf(visits)
    },
  }
}
