import ts from 'typescript'
import { type Finding, lineOf, parse, type Rule, SCRIPT, type Tree, walk } from './tree.js'

/** From the first number on somebody should look; over the second the check fails. */
export const FILE_LINES = { look: 250, max: 400 }
export const FUNCTION_LINES = { look: 60, max: 120 }

const SIZED = /\.(ts|tsx|mts|cts|js|jsx|mjs|cjs|lua|sql|css|html|sh)$/

function judge(
  rule: string,
  path: string,
  line: number,
  lines: number,
  limit: { look: number; max: number },
): Finding[] {
  if (lines <= limit.look) return []
  const severity = lines > limit.max ? 'error' : 'note'
  const message = `${lines} lines; look from ${limit.look} on, at most ${limit.max}`
  return [{ rule, path, line, message, severity }]
}

function fileSizes(tree: Tree): Finding[] {
  return [...tree].flatMap(([path, text]) => {
    if (!SIZED.test(path)) return []
    return judge('file-size', path, 1, text.trimEnd().split('\n').length, FILE_LINES)
  })
}

const isDescribe = (node: ts.Node) =>
  ts.isCallExpression(node) && /^(describe|suite)\b/.test(node.expression.getText())

/** A list of tests, not a function to keep in mind: what `describe` is given, or a function of nothing else. */
function isSuite(node: ts.Node, body: ts.Node): boolean {
  if (isDescribe(node.parent)) return true
  const statements = ts.isBlock(body) ? body.statements : []
  return (
    statements.length > 0 &&
    statements.every((statement) => ts.isExpressionStatement(statement) && isDescribe(statement.expression))
  )
}

function functionSizes(tree: Tree): Finding[] {
  const findings: Finding[] = []
  for (const [path, text] of tree) {
    if (!SCRIPT.test(path)) continue
    const source = parse(path, text)
    walk(source, (node) => {
      if (!ts.isFunctionLike(node) || !('body' in node) || !node.body || isSuite(node, node.body)) return
      const line = lineOf(source, node.getStart())
      const lines = lineOf(source, node.getEnd()) - line + 1
      findings.push(...judge('function-size', path, line, lines, FUNCTION_LINES))
    })
  }
  return findings
}

export const sizeRules: readonly Rule[] = [
  { name: 'file-size', find: fileSizes },
  { name: 'function-size', find: functionSizes },
]
