import ts from 'typescript'
import { EVENTS, STATUSES } from '../../packages/core/src/rules.js'
import { type Finding, lineOf, parse, type Rule, SCRIPT, type Tree, walk } from './tree.js'

interface SyntaxRule {
  readonly name: string
  readonly where: (path: string) => boolean
  /** What is wrong with the node, or null. */
  readonly refuses: (node: ts.Node) => string | null
}

/** The one file of core that may touch the wall clock, timers and randomness. */
const RUNTIME = 'packages/core/src/runtime.ts'
const PACKAGE_SOURCE = /^packages\/(?!bench\/)[^/]+\/src\//
const ADAPTER_SOURCE = /^packages\/(memory|redis|prisma)\/src\//

const AMBIENT_MEMBERS = new Set([
  'Date.now',
  'Math.random',
  'performance.now',
  'process.hrtime',
  'crypto.randomUUID',
  'crypto.getRandomValues',
  'AbortSignal.timeout',
])
/** Fine as the owner of another member; handed on, they would bring the refused ones along. */
const AMBIENT_OWNERS = new Set(['Date', 'Math', 'performance', 'crypto'])
const AMBIENT_NAMES = new Set(['setTimeout', 'setInterval', 'setImmediate'])
const AMBIENT_MODULES = /^(node:)?(timers|perf_hooks|crypto)(\/|$)/
const TEST_CALLS = new Set(['it', 'test', 'describe', 'suite'])

/** `Date.now`, also when it is written `globalThis.Date.now`. */
function memberName(node: ts.Node): string | null {
  if (!ts.isPropertyAccessExpression(node)) return null
  const owner = ts.isPropertyAccessExpression(node.expression) ? node.expression.name : node.expression
  return ts.isIdentifier(owner) ? `${owner.text}.${node.name.text}` : null
}

function ambient(node: ts.Node): string | null {
  const member = memberName(node)
  if (member !== null && AMBIENT_MEMBERS.has(member)) return member
  if (ts.isNewExpression(node) && node.expression.getText() === 'Date' && !node.arguments?.length)
    return 'new Date()'
  if (ts.isIdentifier(node) && AMBIENT_NAMES.has(node.text)) return node.text
  if (ts.isIdentifier(node) && AMBIENT_OWNERS.has(node.text) && isHandedOn(node)) return node.text
  if (ts.isImportDeclaration(node) && ts.isStringLiteral(node.moduleSpecifier)) {
    return AMBIENT_MODULES.test(node.moduleSpecifier.text) ? node.moduleSpecifier.text : null
  }
  return null
}

/** `Date()`, `Date['now']`, `const { random } = Math`; not `Math.max`, `new Date(0)`, `instanceof Date`, a type or a key. */
function isHandedOn(node: ts.Identifier): boolean {
  const { parent } = node
  if (ts.isPropertyAccessExpression(parent) || ts.isNewExpression(parent) || ts.isTypeNode(parent))
    return false
  if (ts.isBinaryExpression(parent)) return parent.operatorToken.kind !== ts.SyntaxKind.InstanceOfKeyword
  return !('name' in parent && parent.name === node)
}

/** Text of a literal, or of one piece of a template. */
function literalText(node: ts.Node): string | null {
  const isPiece = ts.isTemplateHead(node) || ts.isTemplateMiddle(node) || ts.isTemplateTail(node)
  return isPiece || ts.isStringLiteralLike(node) ? node.text : null
}

/** Itself, or in quotes inside a statement of SQL or a script. */
const NAMES_STATUS = new RegExp(`^(${STATUSES.join('|')})$|'(${[...STATUSES, ...EVENTS].join('|')})'`)

function isDefaultExport(node: ts.Node): boolean {
  if (ts.isExportAssignment(node)) return true
  return ts.canHaveModifiers(node)
    ? (ts.getModifiers(node) ?? []).some((modifier) => modifier.kind === ts.SyntaxKind.DefaultKeyword)
    : false
}

const SYNTAX_RULES: readonly SyntaxRule[] = [
  {
    name: 'any',
    where: () => true,
    refuses: (node) => (node.kind === ts.SyntaxKind.AnyKeyword ? 'use unknown and narrow it' : null),
  },
  {
    name: 'export-star',
    where: () => true,
    refuses: (node) =>
      ts.isExportDeclaration(node) &&
      (node.exportClause === undefined || ts.isNamespaceExport(node.exportClause))
        ? 'name what is exported'
        : null,
  },
  {
    name: 'default-export',
    where: (path) => PACKAGE_SOURCE.test(path),
    refuses: (node) => (isDefaultExport(node) ? 'packages export by name' : null),
  },
  {
    name: 'only',
    where: () => true,
    refuses(node) {
      const [owner, member] = memberName(node)?.split('.') ?? []
      return owner && TEST_CALLS.has(owner) && member === 'only' ? 'the other tests would not run' : null
    },
  },
  {
    name: 'ambient-runtime',
    where: (path) => path.startsWith('packages/core/src/') && path !== RUNTIME,
    refuses(node) {
      const name = ambient(node)
      return name === null ? null : `${name}: core takes time, timers and randomness from runtime.ts only`
    },
  },
  {
    name: 'adapter-names-status',
    where: (path) => ADAPTER_SOURCE.test(path),
    refuses(node) {
      const [name] = NAMES_STATUS.exec(literalText(node) ?? '') ?? []
      return name === undefined ? null : `${name}: a storage carries out moves and names no status`
    },
  },
]

function findSyntax(rule: SyntaxRule, tree: Tree): Finding[] {
  const findings: Finding[] = []
  for (const [path, text] of tree) {
    if (!SCRIPT.test(path) || !rule.where(path)) continue
    const source = parse(path, text)
    walk(source, (node) => {
      const message = rule.refuses(node)
      if (message === null) return
      findings.push({
        rule: rule.name,
        path,
        line: lineOf(source, node.getStart()),
        message,
        severity: 'error',
      })
    })
  }
  return findings
}

export const syntaxRules: readonly Rule[] = SYNTAX_RULES.map((rule) => ({
  name: rule.name,
  find: (tree) => findSyntax(rule, tree),
}))
