import { cpus, totalmem } from 'node:os'
import { performance } from 'node:perf_hooks'

export interface Contender {
  readonly name: string
  /** One round; how much it did a second, by what. */
  measure(): Promise<Record<string, number>>
}

/** A contender's medians, beside its name. */
export type Row = { readonly name: string } & Readonly<Record<string, string | number>>

export const median = (values: readonly number[]): number => {
  const sorted = [...values].sort((a, b) => a - b)
  const middle = sorted.length >> 1
  return sorted.length % 2 === 1
    ? (sorted[middle] as number)
    : ((sorted[middle - 1] as number) + (sorted[middle] as number)) / 2
}

export const quantileOf = (values: readonly number[], q: number): number => {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))] as number
}

/** Milliseconds as a table shows them. */
export const ms = (value: number) => Number(value.toFixed(2))

export async function timed(task: () => Promise<unknown> | unknown): Promise<number> {
  const startedAt = performance.now()
  await task()
  return performance.now() - startedAt
}

/** Contenders take turns, so that a slow minute of the machine hits all of them; one warm-up round is not counted. */
export async function compare(contenders: readonly Contender[], rounds: number): Promise<Row[]> {
  const seen = new Map<string, Record<string, number[]>>(contenders.map(({ name }) => [name, {}]))
  for (let round = 0; round <= rounds; round++) {
    for (const contender of contenders) {
      globalThis.gc?.()
      const rates = await contender.measure()
      process.stderr.write(`round ${round} of ${rounds}: ${contender.name}\n`)
      if (round === 0) continue
      const record = seen.get(contender.name) as Record<string, number[]>
      for (const [what, rate] of Object.entries(rates)) record[what] = [...(record[what] ?? []), rate]
    }
  }
  return [...seen].map(([name, record]) => ({
    name,
    ...Object.fromEntries(Object.entries(record).map(([what, rates]) => [what, Math.round(median(rates))])),
  }))
}

export function printMachine(): void {
  const [cpu] = cpus()
  console.log(
    `node ${process.version}, ${cpus().length} x ${cpu?.model}, ${Math.round(totalmem() / 2 ** 30)} GiB\n`,
  )
}

export function printTable(rows: readonly Readonly<Record<string, string | number>>[]): void {
  const heads = [...new Set(rows.flatMap((row) => Object.keys(row)))]
  const cell = (value: string | number | undefined) =>
    typeof value === 'number' ? value.toLocaleString('en-US') : (value ?? '')
  const lines = [heads, ...rows.map((row) => heads.map((head) => cell(row[head])))]
  const widths = heads.map((_, i) => Math.max(...lines.map((line) => (line[i] as string).length)))
  for (const [index, line] of lines.entries()) {
    const padded = line.map((text, i) =>
      i === 0 ? text.padEnd(widths[i] as number) : text.padStart(widths[i] as number),
    )
    console.log(`| ${padded.join(' | ')} |`)
    if (index === 0) console.log(`| ${widths.map((w) => '-'.repeat(w)).join(' | ')} |`)
  }
  console.log()
}
