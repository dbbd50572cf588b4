/** Lists what breaks the habits of the house (.ci/tidy/); exits 1 when something is more than a place to look. */
import { fileURLToPath } from 'node:url'
import { inspect } from '../tidy/rules.js'
import { readTree } from '../tidy/tree.js'

const tree = readTree(fileURLToPath(new URL('../../', import.meta.url)))
const findings = inspect(tree)
for (const { severity, path, line, rule, message } of findings) {
  console.log(`${severity === 'error' ? 'error' : ' note'} ${path}:${line} ${rule}: ${message}`)
}
const errors = findings.filter(({ severity }) => severity === 'error').length
console.log(`${tree.size} files, ${errors} errors, ${findings.length - errors} notes`)
process.exitCode = errors > 0 ? 1 : 0
