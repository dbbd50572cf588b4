import { dirname, join, normalize } from 'node:path/posix'
import ts from 'typescript'
import { type Finding, lineOf, parse, type Rule, SCRIPT, type Tree } from './tree.js'

/** Which of our packages each may build on; nothing else imports nothing of ours. */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  core: [],
  memory: ['core'],
  redis: ['core'],
  prisma: ['core'],
  http: ['core'],
  next: ['core', 'http'],
  bench: ['core', 'memory', 'redis', 'prisma', 'http', 'next'],
  proof: ['core', 'memory', 'redis', 'prisma'],
}

const SOURCE = /^packages\/([^/]+)\/src\//
const OURS = /^@genqueue\/([^/]+)(?:\/(.+))?$/
const NEVER_PUBLISHED = /^packages\/(bench|proof)\//
const TEST_RUNNER = /^(vitest|node:test|jest|mocha)(\/|$)/

interface Import {
  readonly from: string
  readonly specifier: string
  readonly line: number
}

function importsOf(path: string, text: string): Import[] {
  const source = parse(path, text)
  return ts.preProcessFile(text, true, true).importedFiles.map(({ fileName, pos }) => ({
    from: path,
    specifier: fileName,
    line: lineOf(source, pos),
  }))
}

/** The imports of what is published (and of the bench), not those of tests. */
function sourceImports(tree: Tree): Import[] {
  return [...tree].flatMap(([path, text]) =>
    SCRIPT.test(path) && SOURCE.test(path) ? importsOf(path, text) : [],
  )
}

const packageOf = (path: string) => SOURCE.exec(path)?.[1] ?? ''
const error = (rule: string, { from, line }: Import, message: string): Finding => ({
  rule,
  path: from,
  line,
  message,
  severity: 'error',
})

function directions(tree: Tree): Finding[] {
  return sourceImports(tree).flatMap((entry) => {
    const importer = packageOf(entry.from)
    const imported = OURS.exec(entry.specifier)?.[1]
    if (imported === undefined || MAY_IMPORT[importer]?.includes(imported)) return []
    return [error('import-direction', entry, `${importer} may not import ${entry.specifier}`)]
  })
}

/** Storages that tests of those further up may run on. Core has none: its tests see memory through the aliases. */
const MAY_TEST_ON: Readonly<Record<string, readonly string[]>> = {
  redis: ['memory'],
  prisma: ['memory'],
  http: ['memory', 'redis', 'prisma'],
  next: ['memory', 'redis', 'prisma'],
}

/** What is declared counts too: a dependency is an import that every user installs, and a cycle breaks the build. */
function dependencies(tree: Tree): Finding[] {
  return Object.keys(MAY_IMPORT).flatMap((name) => {
    const path = `packages/${name}/package.json`
    const text = tree.get(path) ?? '{}'
    const manifest: Record<string, Record<string, string> | undefined> = JSON.parse(text)
    const published = MAY_IMPORT[name] ?? []
    const allowed: Record<string, readonly string[]> = {
      dependencies: published,
      peerDependencies: published,
      optionalDependencies: published,
      devDependencies: [...published, ...(MAY_TEST_ON[name] ?? [])],
    }
    return Object.entries(allowed).flatMap(([kind, names]) =>
      Object.keys(manifest[kind] ?? {}).flatMap((dependency) => {
        const ours = OURS.exec(dependency)?.[1]
        if (ours === undefined || names.includes(ours)) return []
        const line = text.split('\n').findIndex((content) => content.includes(`"${dependency}"`)) + 1
        const at = { from: path, specifier: dependency, line }
        return [error('dependency-direction', at, `${name} may not have ${dependency} in ${kind}`)]
      }),
    )
  })
}

function boundaries(tree: Tree): Finding[] {
  return sourceImports(tree).flatMap((entry) => {
    const home = `packages/${packageOf(entry.from)}/src/`
    const { specifier } = entry
    if (TEST_RUNNER.test(specifier))
      return [error('import-boundary', entry, `${specifier} has no place in what is published`)]
    if (specifier === '@genqueue/core/testing' && !NEVER_PUBLISHED.test(entry.from))
      return [error('import-boundary', entry, 'the conformance suite is for tests')]
    if (!specifier.startsWith('.')) return []
    const target = normalize(join(dirname(entry.from), specifier))
    if (!target.startsWith(home)) return [error('import-boundary', entry, `${specifier} leaves the package`)]
    if (/\.(js|css|json)$/.test(specifier)) return []
    return [error('import-boundary', entry, `${specifier}: relative imports end in .js`)]
  })
}

function resolveRelative(tree: Tree, { from, specifier }: Import): string | null {
  if (!specifier.startsWith('.')) return null
  const target = normalize(join(dirname(from), specifier))
  const stem = target.replace(/\.js$/, '')
  return [`${stem}.ts`, `${stem}.tsx`, target].find((candidate) => tree.has(candidate)) ?? null
}

/** Every cycle that a depth-first walk closes, each as one finding at the import that closes it. */
function cycles(tree: Tree): Finding[] {
  const graph = new Map<string, { to: string; by: Import }[]>()
  for (const entry of sourceImports(tree)) {
    const to = resolveRelative(tree, entry)
    if (to !== null) graph.set(entry.from, [...(graph.get(entry.from) ?? []), { to, by: entry }])
  }
  const findings: Finding[] = []
  const done = new Set<string>()
  const visit = (path: string, trail: readonly string[]) => {
    if (done.has(path)) return
    for (const { to, by } of graph.get(path) ?? []) {
      const start = [...trail, path].indexOf(to)
      if (start === -1) visit(to, [...trail, path])
      else findings.push(error('import-cycle', by, [...[...trail, path].slice(start), to].join(' -> ')))
    }
    done.add(path)
  }
  for (const path of graph.keys()) visit(path, [])
  return findings
}

export const importRules: readonly Rule[] = [
  { name: 'import-direction', find: directions },
  { name: 'dependency-direction', find: dependencies },
  { name: 'import-boundary', find: boundaries },
  { name: 'import-cycle', find: cycles },
]
