/** Rows as aligned text; numbers to the right. */
export function textTable(heads: readonly string[], rows: readonly (readonly (string | number)[])[]): string {
  const cells = [heads, ...rows].map((row) => row.map(String))
  const widths = heads.map((_, column) => Math.max(...cells.map((row) => (row[column] ?? '').length)))
  const line = (row: readonly string[], values: readonly (string | number)[]) =>
    row
      .map((cell, column) => {
        const width = widths[column] as number
        return typeof values[column] === 'number' ? cell.padStart(width) : cell.padEnd(width)
      })
      .join('  ')
      .trimEnd()
  const sample = rows[0] ?? heads
  const body = rows.map((row, index) => line(cells[index + 1] as string[], row))
  const head = line(cells[0] as string[], sample)
  return [head, widths.map((width) => '-'.repeat(width)).join('  '), ...body].join('\n')
}

export const seconds = (ms: number | null) => (ms === null ? '-' : `${(ms / 1_000).toFixed(1)} s`)
