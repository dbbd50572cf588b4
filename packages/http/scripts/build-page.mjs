/**
 * Compiles page/ (HTML, CSS, SVG and TypeScript for browsers) into src/generated/page.ts, which is committed and
 * reviewed. Types are taken away, nothing is bundled: browsers load the modules. All files share one content hash,
 * so that their imports of each other stay as they are. `--check` writes nothing and exits 1 when they differ.
 */
import { createHash } from 'node:crypto'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import ts from 'typescript'

const at = (path) => fileURLToPath(new URL(path, import.meta.url))
const OUTPUT = at('../src/generated/page.ts')
const TYPES = { css: 'text/css; charset=utf-8', js: 'text/javascript; charset=utf-8', svg: 'image/svg+xml' }
/** Nothing but types is in them. */
const NO_CODE = new Set(['types.ts'])

const read = (name) => readFileSync(at(`../page/${name}`), 'utf8')
const compile = (name) =>
  ts.transpileModule(read(name), {
    fileName: name,
    compilerOptions: {
      target: ts.ScriptTarget.ES2022,
      module: ts.ModuleKind.ESNext,
      verbatimModuleSyntax: true,
      removeComments: true,
    },
  }).outputText

const assets = readdirSync(at('../page'))
  .filter((name) => /\.(ts|css|svg)$/.test(name) && !NO_CODE.has(name))
  .map((name) => (name.endsWith('.ts') ? [name.replace(/\.ts$/, '.js'), compile(name)] : [name, read(name)]))
  .sort(([a], [b]) => (a < b ? -1 : 1))
const html = read('index.html')
const hash = createHash('sha256')
  .update(JSON.stringify([html, assets]))
  .digest('hex')
  .slice(0, 12)

const quote = (text) => `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'").replaceAll('\n', '\\n')}'`
const lines = (text) =>
  text
    .trimEnd()
    .split('\n')
    .map((line) => `    ${quote(line)},`)
    .join('\n')
const asset = ([name, text]) => `  '${name}': {
    type: '${TYPES[name.split('.').at(-1)]}',
    lines: [
${lines(text).replaceAll(/^/gm, '  ')}
    ],
  },`

const module = `// Made by scripts/build-page.mjs from page/; change those files, not this one.
export const PAGE_HASH = '${hash}'

export const PAGE_HTML: readonly string[] = [
${lines(html).replaceAll(/^ {2}/gm, '')}
]

export const PAGE_ASSETS: Readonly<Record<string, { readonly type: string; readonly lines: readonly string[] }>> = {
${assets.map(asset).join('\n')}
}
`

if (process.argv.includes('--check')) {
  if (readFileSync(OUTPUT, 'utf8') !== module) {
    console.error(
      'src/generated/page.ts is not what page/ gives: run node packages/http/scripts/build-page.mjs',
    )
    process.exit(1)
  }
} else {
  writeFileSync(OUTPUT, module)
}
