import { importRules } from './import-rules.js'
import { sizeRules } from './size-rules.js'
import { syntaxRules } from './syntax-rules.js'
import { textRules } from './text-rules.js'
import type { Finding, Rule, Tree } from './tree.js'

/** Every guard of the house. Each is shown to fire by .ci/test/tidy.test.ts. */
export const RULES: readonly Rule[] = [...textRules, ...syntaxRules, ...sizeRules, ...importRules]

export function inspect(tree: Tree): Finding[] {
  return RULES.flatMap((rule) => rule.find(tree))
}
