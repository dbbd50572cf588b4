import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { inspect, RULES } from '../tidy/rules.js'
import { readTree, type Tree } from '../tidy/tree.js'

const tree = readTree(fileURLToPath(new URL('../../', import.meta.url)))

interface Break {
  readonly rule: string
  readonly path: string
  /** Put at the end of the file, or the whole of a new one. */
  readonly adds: string
  readonly severity?: 'note'
}

// Strings are put together from halves where the rule would find them here.
const CORE = 'packages/core/src/queue.ts'
const BREAKS: readonly Break[] = [
  { rule: 'unfinished', path: CORE, adds: `// TO${'DO'}: later` },
  { rule: 'unfinished', path: 'packages/redis/lua/claim.lua', adds: `-- FIX${'ME'}` },
  { rule: 'compiler-silenced', path: CORE, adds: `// @ts-${'ignore'}` },
  { rule: 'machine-path', path: 'README.md', adds: `cd /w${'ork'}/main` },
  { rule: 'machine-path', path: 'package.json', adds: `"/ho${'me'}/me/genqueue"` },
  { rule: 'registry-host', path: 'docs/workers.md', adds: `https://registry.${'npmjs'}.org` },
  {
    rule: 'storage-names-rule',
    path: 'packages/redis/lua/claim.lua',
    adds: "if status == 'processing' then",
  },
  { rule: 'storage-names-rule', path: 'packages/redis/lua/include/new.lua', adds: 'move["complete"]' },
  {
    rule: 'storage-names-rule',
    path: 'packages/prisma/sql/postgresql/new.sql',
    adds: "set status = 'failed'",
  },
  { rule: 'storage-names-rule', path: 'packages/prisma/src/sql/new.sql', adds: "where status = 'queued'" },
  { rule: 'any', path: CORE, adds: 'const loose: any = 1' },
  { rule: 'any', path: 'packages/core/test/queue.test.ts', adds: 'const loose = 1 as any' },
  { rule: 'export-star', path: 'packages/core/src/index.ts', adds: "export * from './rules.js'" },
  { rule: 'export-star', path: 'packages/core/src/index.ts', adds: "export * as rules from './rules.js'" },
  { rule: 'default-export', path: CORE, adds: 'export default 1' },
  { rule: 'default-export', path: CORE, adds: 'export default function named() {}' },
  { rule: 'only', path: 'packages/core/test/queue.test.ts', adds: "it.only('runs alone', () => {})" },
  { rule: 'only', path: 'packages/core/test/queue.test.ts', adds: "describe.only('alone', () => {})" },
  { rule: 'ambient-runtime', path: CORE, adds: 'const at = Date.now()' },
  { rule: 'ambient-runtime', path: CORE, adds: 'const at = globalThis.Date.now()' },
  { rule: 'ambient-runtime', path: CORE, adds: 'const at = new Date()' },
  { rule: 'ambient-runtime', path: CORE, adds: 'const at = performance.now()' },
  { rule: 'ambient-runtime', path: CORE, adds: 'const chance = Math.random()' },
  { rule: 'ambient-runtime', path: CORE, adds: 'const id = crypto.randomUUID()' },
  { rule: 'ambient-runtime', path: CORE, adds: 'const at = Date()' },
  { rule: 'ambient-runtime', path: CORE, adds: "const at = Date['now']()" },
  { rule: 'ambient-runtime', path: CORE, adds: 'const { random } = Math' },
  { rule: 'ambient-runtime', path: CORE, adds: 'const clock = { wall: performance }' },
  { rule: 'ambient-runtime', path: CORE, adds: 'const signal = AbortSignal.timeout(1)' },
  { rule: 'ambient-runtime', path: CORE, adds: 'setTimeout(() => {}, 1)' },
  { rule: 'ambient-runtime', path: CORE, adds: "import { setTimeout as wait } from 'node:timers/promises'" },
  { rule: 'adapter-names-status', path: 'packages/memory/src/storage.ts', adds: "const done = 'completed'" },
  {
    rule: 'adapter-names-status',
    path: 'packages/prisma/src/storage.ts',
    adds: `const sql = \`update t set status = 'failed' where id = \${id}\``,
  },
  {
    rule: 'adapter-names-status',
    path: 'packages/redis/src/storage.ts',
    adds: 'const script = "if event == \'complete\' then"',
  },
  {
    rule: 'file-size',
    path: 'packages/core/src/long.ts',
    adds: 'let line = 1\n'.repeat(251),
    severity: 'note',
  },
  { rule: 'file-size', path: 'packages/core/src/long.ts', adds: 'let line = 1\n'.repeat(401) },
  { rule: 'function-size', path: CORE, adds: `function long() {${'\n'.repeat(60)}}`, severity: 'note' },
  { rule: 'function-size', path: CORE, adds: `const long = () => {${'\n'.repeat(120)}}` },
  { rule: 'import-direction', path: CORE, adds: "import { memoryStorage } from '@genqueue/memory'" },
  { rule: 'import-direction', path: 'packages/redis/src/storage.ts', adds: "import '@genqueue/prisma'" },
  {
    rule: 'import-direction',
    path: 'packages/http/src/index.ts',
    adds: "const next = import('@genqueue/next/react')",
  },
  { rule: 'import-boundary', path: CORE, adds: "import '../../memory/src/books.js'" },
  { rule: 'import-boundary', path: CORE, adds: "import type { Rule } from './rules'" },
  { rule: 'import-boundary', path: CORE, adds: "import { expect } from 'vitest'" },
  { rule: 'import-boundary', path: 'packages/memory/src/books.ts', adds: "import '@genqueue/core/testing'" },
  { rule: 'import-cycle', path: 'packages/core/src/rules.ts', adds: "import './queue.js'" },
]

function change(path: string, text: string): Tree {
  return new Map(tree).set(path, text)
}

/** What one rule says, without line numbers, so that findings can be compared before and after a change. */
function says(name: string, of: Tree): string[] {
  const rule = RULES.find((candidate) => candidate.name === name)
  return (rule?.find(of) ?? []).map(({ severity, path, message }) => `${severity} ${path} ${message}`)
}

describe('tidy', () => {
  it.each(BREAKS)('$rule is found: $path gets $adds', ({ rule, path, adds, severity = 'error' }) => {
    const before = new Set(says(rule, tree))
    const after = says(rule, change(path, `${tree.get(path) ?? ''}\n${adds}\n`))
    expect(after.filter((finding) => !before.has(finding))).toContainEqual(expect.stringContaining(severity))
  })

  it.each([
    ['core', 'devDependencies', 'memory'],
    ['memory', 'devDependencies', 'redis'],
    ['redis', 'dependencies', 'memory'],
    ['http', 'peerDependencies', 'next'],
  ])('dependency-direction is found: %s gets in %s %s', (name, kind, dependency) => {
    const path = `packages/${name}/package.json`
    const manifest = JSON.parse(tree.get(path) ?? '')
    manifest[kind] = { ...manifest[kind], [`@genqueue/${dependency}`]: 'workspace:^' }
    expect(says('dependency-direction', change(path, JSON.stringify(manifest)))).toEqual([
      `error ${path} ${name} may not have @genqueue/${dependency} in ${kind}`,
    ])
  })

  it('every rule is shown to fire', () => {
    const broken = new Set([...BREAKS.map(({ rule }) => rule), 'dependency-direction'])
    expect([...broken].sort()).toEqual(RULES.map(({ name }) => name).sort())
  })

  it.each([
    ['packages/core/src/runtime.ts', 'const at = Date.now()'],
    ['packages/core/src/new.ts', 'const at = new Date(0), later = clock.now(), text = "any Date.now()"'],
    [
      'packages/core/src/new.ts',
      'const of = (at: Date) => at instanceof Date && Math.max(1, 2), key = { Date: 1 }',
    ],
    ['packages/memory/src/new.ts', "const place = 'leased', text = 'failed to open'"],
    ['packages/core/test/new.test.ts', "import '@genqueue/memory'; setTimeout(() => {}, 1)"],
    ['packages/prisma/migrations/postgresql/0001.sql', "status text default 'queued'"],
    ['packages/core/test/new.test.ts', `describe('a list of tests', () => {${'\n'.repeat(200)}})`],
    ['docs/new.md', 'https://example.com/ho' + 'me/page and ./ro' + 'ot/file'],
  ])('leaves alone what is allowed: %s', (path, text) => {
    expect(inspect(change(path, text)).filter((finding) => finding.path === path)).toEqual([])
  })
})
