/** `npm run bench -- NAME`: side-by-side measurements, one module a storage. Not tests: nothing here can fail for being slow. */
export const BENCHES = ['memory', 'redis', 'postgres', 'sqlite', 'http'] as const

const USAGE = `Usage: npm run bench -- NAME [NAME ...]

Measures genqueue beside its peers: same work, same run, medians.

  ${BENCHES.join('\n  ')}
`

const names = process.argv.slice(2)
if (names.includes('--help') || names.length === 0) {
  console.log(USAGE)
} else {
  const unknown = names.find((name) => !BENCHES.includes(name as (typeof BENCHES)[number]))
  if (unknown !== undefined) {
    console.error(`bench: there is no "${unknown}"; try ${BENCHES.join(', ')}`)
    process.exit(2)
  }
  for (const name of names) {
    const { run } = (await import(`./${name}.js`)) as { run(): Promise<void> }
    await run()
  }
  process.exit(0)
}
