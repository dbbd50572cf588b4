/**
 * Every check that runs nothing of ours but its build: `npm run check`, or `npm run check -- types knip` for some.
 * All steps run, whatever fails before them; the output of a step is shown when it fails.
 */
import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'

const ROOT = fileURLToPath(new URL('../../', import.meta.url))
const OUTPUT_BYTES_MAX = 64 * 1024 * 1024

interface Step {
  readonly name: string
  readonly command: readonly [string, ...string[]]
}

const bin = (name: string, ...args: string[]): [string, ...string[]] => [`node_modules/.bin/${name}`, ...args]
const npmRun = (script: string, ...args: string[]): [string, ...string[]] => [
  'npm',
  'run',
  '--silent',
  script,
  ...args,
]

const STEPS: readonly Step[] = [
  { name: 'types', command: bin('tsc', '-p', '.ci/tsconfig.json') },
  { name: 'biome', command: bin('biome', 'ci', '--colors=off', '--max-diagnostics=200', '.') },
  { name: 'tidy', command: bin('tsx', '.ci/scripts/tidy.ts') },
  { name: 'generated', command: npmRun('generate', '--', '--check') },
  { name: 'knip', command: bin('knip', '--no-config-hints') },
  { name: 'build', command: npmRun('build') },
  { name: 'size', command: bin('size-limit') },
  { name: 'packed', command: bin('tsx', '.ci/scripts/packed.ts') },
  { name: 'docs', command: bin('typedoc') },
]

function run({ name, command: [file, ...args] }: Step): boolean {
  const startedAt = performance.now()
  const { status, stdout, stderr, error } = spawnSync(file, args, {
    cwd: ROOT,
    encoding: 'utf8',
    maxBuffer: OUTPUT_BYTES_MAX,
    shell: process.platform === 'win32',
  })
  const seconds = ((performance.now() - startedAt) / 1_000).toFixed(1)
  const passed = status === 0
  if (!passed) console.log(`${stdout ?? ''}${stderr ?? ''}${error ? `${error.message}\n` : ''}`.trimEnd())
  console.log(`${passed ? 'ok    ' : 'FAILED'} ${name} (${seconds} s)`)
  return passed
}

const wanted = process.argv.slice(2)
const unknown = wanted.filter((name) => !STEPS.some((step) => step.name === name))
if (unknown.length > 0) {
  console.error(
    `no such check: ${unknown.join(', ')}. There are: ${STEPS.map(({ name }) => name).join(', ')}`,
  )
  process.exit(2)
}
const steps = STEPS.filter(({ name }) => wanted.length === 0 || wanted.includes(name))
const failed = steps.filter((step) => !run(step)).map(({ name }) => name)
console.log(failed.length === 0 ? `all ${steps.length} checks passed` : `failed: ${failed.join(', ')}`)
process.exitCode = failed.length === 0 ? 0 : 1
