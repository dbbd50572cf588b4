import { HISTOGRAM_BOUNDS_MS, HOUR_MS, RECENT_RUNS_MAX, TIMELINE_MAX } from '@genqueue/core'
import { BUCKET_SPANS_MS } from '../buckets.js'
import type { Database } from '../database.js'
import { STATEMENTS } from '../generated/postgresql.js'
import type { RawRow } from '../row.js'

export type StatementName = keyof typeof STATEMENTS

interface Compiled {
  readonly sql: string
  /** Names of its values, in their order. */
  readonly names: readonly string[]
}

/** What core decides and the statements only carry out. */
const NUMBERS: Readonly<Record<string, string>> = {
  'histogram bounds': `'{${HISTOGRAM_BOUNDS_MS.join(',')}}'::bigint[]`,
  'bucket levels': BUCKET_SPANS_MS.map((span, level) => `(${level}, ${span}::bigint)`).join(', '),
  'coarsest level': String(BUCKET_SPANS_MS.length - 1),
  'recent runs': String(RECENT_RUNS_MAX),
  hour: String(HOUR_MS),
}

/** `{{longer TIMELINE EVENT}}`: the timeline with the event behind it, cut as core cuts it. */
function longer(timeline: string, event: string): string {
  const text = `${timeline} || ${event} || '@' || now.at || ','`
  return `CASE WHEN LENGTH(${text}) <= ${TIMELINE_MAX} THEN ${text}
    ELSE REGEXP_REPLACE(RIGHT(${text}, ${TIMELINE_MAX}), '^[^,]*,', '') END`
}

function compile(source: string): Compiled {
  const names: string[] = []
  const sql = source
    .replace(/\{\{longer (\S+) (\S+)\}\}/g, (_, timeline: string, event: string) => longer(timeline, event))
    .replace(/\{\{([\w ]+)\}\}/g, (_, name: string) => NUMBERS[name] as string)
    .replace(/(?<![:\w]):([a-zA-Z]+)\b/g, (_, name: string) => {
      if (!names.includes(name)) names.push(name)
      return `$${names.indexOf(name) + 1}`
    })
  return { sql, names }
}

const compiled = new Map<StatementName, Compiled>()

function compiledOf(name: StatementName): Compiled {
  const known = compiled.get(name)
  if (known !== undefined) return known
  const made = compile(STATEMENTS[name])
  compiled.set(name, made)
  return made
}

/** Runs a statement with its values by name. */
export function runStatement(
  database: Database,
  name: StatementName,
  values: Readonly<Record<string, unknown>>,
): Promise<readonly RawRow[]> {
  const { sql, names } = compiledOf(name)
  return database.rowsOnce(
    sql,
    names.map((value) => values[value]),
  )
}
