import { fetchNewerNode, isOlderThan, runAgain } from './newer-node.js'

/** `npm run bench -- NAME`: side-by-side measurements, one module a storage. Not tests: nothing here can fail for being slow. */
const BENCHES = ['memory', 'redis', 'postgres', 'sqlite', 'http'] as const
type Bench = (typeof BENCHES)[number]

/** What the peers ask for; then all contenders run on the newer node. */
const NODE_WANTED: Partial<Record<Bench, { readonly version: string; readonly orNothing: boolean }>> = {
  postgres: { version: '22.18.0', orNothing: true },
  // Without its peer, genqueue's figures stand beside what the peer claims.
  sqlite: { version: '22.13.0', orNothing: false },
}

const USAGE = `Usage: npm run bench -- NAME [NAME ...] [--quick]

Measures genqueue beside its peers: same work, same run, medians.

  ${BENCHES.join('\n  ')}

  --quick  a tenth of the work or less: shows that everything runs, its figures mean little

redis and http look for REDIS_URL, postgres for DATABASE_URL; without it they try 127.0.0.1.
postgres and sqlite need Node ${NODE_WANTED.postgres?.version} for their peers, and fetch one through npx where this is older.
`

const isBench = (name: string): name is Bench => BENCHES.some((bench) => bench === name)

async function run(name: Bench, quick: boolean): Promise<number> {
  const wanted = NODE_WANTED[name]
  if (wanted !== undefined && isOlderThan(wanted.version)) {
    const node = await fetchNewerNode()
    if (node !== null) return runAgain(node, [name, ...(quick ? ['--quick'] : [])])
    const lacking = `bench ${name}: its peers need Node ${wanted.version}, this is ${process.versions.node}, and npx could not fetch a newer one`
    console.error(wanted.orNothing ? `${lacking}; run it with a newer Node` : lacking)
    if (wanted.orNothing) return 1
  }
  const bench = (await import(`./${name}.js`)) as { run(quick: boolean): Promise<void> }
  await bench.run(quick)
  return 0
}

const args = process.argv.slice(2)
const names = args.filter((arg) => !arg.startsWith('-'))
const unknown = [
  ...args.filter((arg) => arg.startsWith('-') && arg !== '--quick'),
  ...names.filter((name) => !isBench(name)),
]
if (args.includes('--help')) {
  console.log(USAGE)
} else if (unknown.length > 0 || names.length === 0) {
  const what = unknown.length > 0 ? `there is no "${unknown[0]}"` : 'a name is missing'
  console.error(`bench: ${what}; try ${BENCHES.join(', ')} or --help`)
  process.exit(2)
} else {
  for (const name of names.filter(isBench)) {
    const code = await run(name, args.includes('--quick'))
    if (code !== 0) process.exit(code)
  }
  process.exit(0)
}
