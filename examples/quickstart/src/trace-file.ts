import { readFileSync, statSync } from 'node:fs'
import { UsageError } from './usage-error.js'

/** One request of a trace. */
export interface TraceRow {
  readonly arrivalMs: number
  readonly userId: string
  readonly modelId: string
  readonly kind: string
  readonly images: number
  readonly runMs: number
  readonly failed: boolean
}

export interface Trace {
  readonly rows: readonly TraceRow[]
  /** Requests that never ended in the recording, and so cannot be replayed. */
  readonly unfinished: number
}

const COLUMNS = ['arrival_s', 'user', 'model', 'kind', 'images', 'steps', 'status', 'run_s'] as const
const FILE_BYTES_MAX = 256 * 1024 * 1024

export function readTextFile(path: string): string {
  try {
    const { size } = statSync(path)
    if (size > FILE_BYTES_MAX) throw new UsageError(`${path}: larger than ${FILE_BYTES_MAX} bytes`)
    return readFileSync(path, 'utf8')
  } catch (error) {
    if (error instanceof UsageError) throw error
    throw new UsageError(
      `${path}: cannot be read (${(error as NodeJS.ErrnoException).code ?? 'unknown error'})`,
    )
  }
}

/** Reads arrival_s,user,model,kind,images,steps,status,run_s; throws UsageError naming file and line. */
export function readTrace(path: string): Trace {
  const lines = readTextFile(path).split(/\r?\n/)
  if (lines[0]?.trim() !== COLUMNS.join(',')) {
    throw new UsageError(`${path}: the first line must be ${COLUMNS.join(',')}`)
  }
  const rows: TraceRow[] = []
  let unfinished = 0
  for (const [index, line] of lines.entries()) {
    if (index === 0 || line.trim() === '') continue
    const row = readRow(line, `${path}, line ${index + 1}`)
    if (row === null) unfinished += 1
    else rows.push(row)
  }
  if (rows.length === 0) throw new UsageError(`${path}: no request to replay`)
  rows.sort((a, b) => a.arrivalMs - b.arrivalMs)
  return { rows, unfinished }
}

function readRow(line: string, where: string): TraceRow | null {
  const fields = line.split(',')
  if (fields.length !== COLUMNS.length) {
    throw new UsageError(`${where}: ${fields.length} columns instead of ${COLUMNS.length}`)
  }
  const [arrival, userId, modelId, kind, images, , status, run] = fields as [
    string,
    string,
    string,
    string,
    string,
    string,
    string,
    string,
  ]
  if (run.trim() === '' || status === 'PENDING') return null
  const number = (text: string, column: string) => {
    const value = Number(text)
    if (text.trim() === '' || !Number.isFinite(value) || value < 0)
      throw new UsageError(`${where}: ${column} is not a number: ${text.slice(0, 40)}`)
    return value
  }
  return {
    arrivalMs: Math.round(number(arrival, 'arrival_s') * 1_000),
    userId,
    modelId,
    kind,
    images: Math.max(1, Math.round(number(images, 'images'))),
    runMs: Math.round(number(run, 'run_s') * 1_000),
    failed: status !== 'SUCCEED',
  }
}
