import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import ts from 'typescript'

/** The text files of the repository by their path from its root. Tests hand in changed ones. */
export type Tree = ReadonlyMap<string, string>

export interface Finding {
  readonly rule: string
  readonly path: string
  /** Counted from 1. */
  readonly line: number
  readonly message: string
  /** A note asks somebody to look; an error fails the check. */
  readonly severity: 'error' | 'note'
}

export interface Rule {
  readonly name: string
  readonly find: (tree: Tree) => Finding[]
}

const TEXT =
  /\.(ts|tsx|mts|cts|js|jsx|mjs|cjs|lua|sql|prisma|css|html|json|md|yaml|yml|sh)$|(^|\/)(run|\.gitignore)$/
const NOT_OURS = /(^|\/)(generated|node_modules|dist)\/|^pnpm-lock\.yaml$|\/next-env\.d\.ts$/
const LISTING_BYTES_MAX = 16 * 1024 * 1024

/** Committed files and new ones that are not ignored, without generated code: its sources are what people read. */
export function readTree(root: string): Tree {
  const listing = execFileSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], {
    cwd: root,
    encoding: 'utf8',
    maxBuffer: LISTING_BYTES_MAX,
  })
  const tree = new Map<string, string>()
  for (const path of new Set(listing.split('\0'))) {
    if (!TEXT.test(path) || NOT_OURS.test(path)) continue
    const text = readIfThere(join(root, path))
    if (text !== null) tree.set(path, text)
  }
  return tree
}

/** A file that is deleted but not yet committed is still listed. */
function readIfThere(path: string): string | null {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null
    throw error
  }
}

export const SCRIPT = /\.(ts|tsx|mts|cts|js|jsx|mjs|cjs)$/

const parsed = new Map<string, { text: string; source: ts.SourceFile }>()

/** Parsed once per text, because every syntax rule looks at every file. */
export function parse(path: string, text: string): ts.SourceFile {
  const known = parsed.get(path)
  if (known?.text === text) return known.source
  const source = ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true)
  parsed.set(path, { text, source })
  return source
}

export function lineOf(source: ts.SourceFile, position: number): number {
  return source.getLineAndCharacterOfPosition(position).line + 1
}

/** Calls `visit` for the node and everything below it. */
export function walk(node: ts.Node, visit: (node: ts.Node) => void): void {
  visit(node)
  ts.forEachChild(node, (child) => walk(child, visit))
}
