/**
 * Compiles lua/*.lua and lua/include/*.lua into src/generated/scripts.ts, which is committed and reviewed.
 * `--check` writes nothing and exits 1 when the module is not what the sources give.
 *
 * A line `-- include: name name` stands for those parts of lua/include, in that order; src/scripts.ts puts them
 * there. Other comments stay in the sources.
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const at = (path) => fileURLToPath(new URL(path, import.meta.url))
const OUTPUT = at('../src/generated/scripts.ts')
const HEADER_LINES = ['-- KEYS[1] base of the namespace', '-- ARGV[1]', '-- Reply', '-- include: header']

const read = (path) => readFileSync(at(`../lua/${path}`), 'utf8')

/** The code without blank lines and comments, as it stands in a raw template. */
function strip(source) {
  const code = source
    .split('\n')
    .filter((line) => line.trim() !== '' && !/^\s*--(?! include: )/.test(line))
    .map((line) => (line.includes('-- include: ') ? line.trim() : line.replace(/ -- [^'"]*$/, '')))
    .join('\n')
  if (/`|\$\{/.test(code)) throw new Error('a backtick or ${ cannot stand in Lua that goes into a template')
  return code
}

function list(folder) {
  return readdirSync(at(`../lua/${folder}`))
    .filter((file) => file.endsWith('.lua'))
    .sort()
    .map((file) => ({ name: file.slice(0, -'.lua'.length), source: read(`${folder}${file}`) }))
}

const entry = ({ name, source }) => `  '${name}': String.raw\`\n${strip(source)}\n\`,`

function command({ name, source }) {
  for (const line of HEADER_LINES) {
    if (!source.includes(`\n${line}`)) throw new Error(`lua/${name}.lua: its header lacks "${line}"`)
  }
  return entry({ name, source })
}

const module = `// Made by scripts/build-lua.mjs from lua/; change those files, not this one.
export const INCLUDES: Readonly<Record<string, string>> = {
${list('include/').map(entry).join('\n')}
}

export const COMMANDS = {
${list('').map(command).join('\n')}
} as const
`

if (process.argv.includes('--check')) {
  if (readFileSync(OUTPUT, 'utf8') !== module) {
    console.error(
      'src/generated/scripts.ts is not what lua/ gives: run node packages/redis/scripts/build-lua.mjs',
    )
    process.exit(1)
  }
} else {
  writeFileSync(OUTPUT, module)
}
